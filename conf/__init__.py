"""The example configuration, packaged as jobs.conf: copy it and make it yours."""
