using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [(
    name = "echo",
    worker = (
      modules = [(name = "worker.js", esModule = embed "worker.js")],
      compatibilityDate = "2026-01-01",
    ),
  )],
  # Where it listens is said on its command line.
  sockets = [(name = "http", http = (), service = "echo")],
);
