"""The plugin under the name that mockserver-client's entry point has: `mockserver.pytest_plugin`.

Where both are installed and this package comes first, pytest looks for it here.
"""

pytest_plugins = ["_mockserver_pytest"]
