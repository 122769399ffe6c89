"""The wheel: the package `jobs`, with the shipped configuration and expectations inside it."""

import re
from pathlib import Path

from setuptools import find_packages, setup

HERE = Path(__file__).parent
VERSION = re.search(r'__version__ = "(.+?)"', (HERE / "jobs" / "__init__.py").read_text())[1]
README = HERE / "README.md"

LOCAL = ["pyspark>=4.1,<4.2", "delta-spark==4.4.0"]
DEMO = [*LOCAL, "moto[server]>=5.2.5,<6"]
POSTGRES = ["psycopg[binary]>=3.2"]
DEV = [
    *DEMO,
    *POSTGRES,
    "boto3-stubs[s3,sqs,secretsmanager]",
    "build>=1.2",
    "chispa>=0.12",
    "duckdb>=1.1",
    "hypothesis>=6.100",
    "ipykernel>=6.29",
    "mypy>=1.13",
    "nbclient>=0.10",
    "nbformat>=5.10",
    "pre-commit>=4.0",
    "pre-commit-hooks>=5.0",
    "pytest>=8.3",
    "ruff>=0.8",
    "setuptools>=77",
]
DOCS = ["mkdocs-material>=9.6,<10", "mkdocstrings[python]>=0.30"]

setup(
    name="tieout",
    version=VERSION,
    description="Proves that a data store says what its events said, and repairs what does not.",
    long_description=README.read_text(encoding="utf-8") if README.exists() else "",
    long_description_content_type="text/markdown",
    license="Apache-2.0",
    license_files=["LICENSE"],
    python_requires=">=3.11",
    # `conf` and `expectations` stand at the top of the repository, for people; the wheel has them in `jobs`.
    packages=[*find_packages(include=["jobs", "jobs.*"]), "jobs.conf", "jobs.expectations"],
    package_dir={"jobs.conf": "conf", "jobs.expectations": "expectations"},
    package_data={
        "": [
            "**/*.yml",
            "**/*.json",
            "**/*.j2",
            "**/*.html",
            "**/*.css",
            "**/*.js",
            "**/*.properties",
            "py.typed",
        ],
    },
    entry_points={"console_scripts": ["tieout=jobs.cli:main"]},
    # No pyspark here: on a cluster it comes with the cluster, and a second one breaks it.
    install_requires=[
        "boto3>=1.36",
        "deltalake>=1.0",
        "great-expectations==1.24.1",
        "jinja2>=3.1",
        "pandas>=2.2,<3",
        "pyarrow>=17",
        "pydantic>=2.11",
        "rich>=13.9",
        "ruamel.yaml>=0.18",
        "sqlglot>=30.0,<31",
        "tenacity>=9.0",
        "typer>=0.15",
    ],
    extras_require={"local": LOCAL, "demo": DEMO, "postgres": POSTGRES, "dev": DEV, "docs": DOCS},
    classifiers=[
        "Development Status :: 3 - Alpha",
        "Intended Audience :: Developers",
        "Operating System :: MacOS",
        "Operating System :: POSIX :: Linux",
        "Programming Language :: Python :: 3.11",
        "Programming Language :: Python :: 3.12",
        "Topic :: Database",
        "Typing :: Typed",
    ],
)
