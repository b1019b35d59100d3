"""What a handler is told besides its event."""

import json
import os
import time

from .faults import Fault


class _Described:
    """Shows the fields that its class names."""

    _fields = ()

    def __repr__(self):
        fields = ",".join("{}={}".format(field, getattr(self, field)) for field in self._fields)
        return "{}([{}])".format(type(self).__name__, fields)


class _Read(_Described):
    """Fields read from a dictionary; those that are missing are None."""

    def __init__(self, source):
        for field in self._fields:
            setattr(self, field, source.get(field))


class CognitoIdentity(_Read):
    _fields = ("cognito_identity_id", "cognito_identity_pool_id")


class Client(_Read):
    _fields = ("installation_id", "app_title", "app_version_name", "app_version_code", "app_package_name")


class ClientContext(_Read):
    _fields = ("custom", "env", "client")

    def __init__(self, source):
        super().__init__(source)
        self.client = Client(self.client) if self.client is not None else None


class LambdaContext(_Described):
    _fields = (
        "aws_request_id",
        "log_group_name",
        "log_stream_name",
        "function_name",
        "memory_limit_in_mb",
        "function_version",
        "invoked_function_arn",
        "client_context",
        "identity",
        "tenant_id",
    )

    def __init__(self, head, log):
        self.aws_request_id = head["requestId"]
        self.log_group_name = os.environ.get("AWS_LAMBDA_LOG_GROUP_NAME")
        self.log_stream_name = os.environ.get("AWS_LAMBDA_LOG_STREAM_NAME")
        self.function_name = os.environ.get("AWS_LAMBDA_FUNCTION_NAME")
        self.memory_limit_in_mb = os.environ.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE")
        self.function_version = os.environ.get("AWS_LAMBDA_FUNCTION_VERSION")
        self.invoked_function_arn = head["arn"]
        self.tenant_id = head.get("tenantId")
        self.client_context = _read_client_context(head.get("clientContext"))
        self.identity = CognitoIdentity({})
        self._deadline_ms = head["deadlineMs"]
        self._log = log

    def get_remaining_time_in_millis(self):
        return max(0, int(self._deadline_ms - time.time() * 1000))

    def log(self, message):
        self._log(str(message))


def _read_client_context(text):
    if not text:
        return None
    try:
        return ClientContext(json.loads(text))
    except Exception as error:
        raise Fault("LambdaContextUnmarshalError", "Unable to parse Client Context JSON: {}".format(error)) from error
