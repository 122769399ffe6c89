"""Storage: objects, paths, leases and Delta logs, in S3 or in a folder, without Spark."""
