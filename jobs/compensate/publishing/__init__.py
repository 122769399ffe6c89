"""Publishing: approved compensations -> messages on a channel."""
