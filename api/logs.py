"""Logs as lines of JSON: the service's own on standard error, the access log on standard output."""

from logging.config import dictConfig


def configure_logs() -> None:
    """Have the loggers of this package write. Once, by the process that serves."""
    dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {
                "json": {
                    "()": "pythonjsonlogger.json.JsonFormatter",
                    "format": "%(asctime)s %(levelname)s %(name)s %(message)s",
                    "rename_fields": {"asctime": "time", "levelname": "level", "name": "logger"},
                },
            },
            "handlers": {
                "err": {
                    "class": "logging.StreamHandler",
                    "formatter": "json",
                    "stream": "ext://sys.stderr",
                },
                "out": {  # whose messages are whole lines: to format them would take longer
                    "class": "logging.StreamHandler",
                    "stream": "ext://sys.stdout",
                },
            },
            "loggers": {
                "api": {"level": "INFO", "handlers": ["err"], "propagate": False},
                "api.access": {"level": "INFO", "handlers": ["out"], "propagate": False},
            },
        }
    )
