"""config/*.yaml -> Settings. The only place that reads configuration or the environment's variables for it.

load(directory, environ) -> Settings      raises ConfigurationError with every mistake, each with file:line:column
find_directory(option) -> Path            what -c says, else ./config, else /etc/monitor
json_schemas() -> {file name: schema}     for editors; committed under config/schema
"""

from monitor.settings.files import find_directory
from monitor.settings.jsonschema import json_schemas
from monitor.settings.load import Settings, load

__all__ = ["Settings", "find_directory", "json_schemas", "load"]
