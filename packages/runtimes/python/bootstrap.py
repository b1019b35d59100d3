"""Lambent's own Python runtime: serves the function that _HANDLER names over the framed channel."""

if __name__ == "__main__":
    from lambent_runtime.serving import serve

    serve()
