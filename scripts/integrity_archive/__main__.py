"""``python -m integrity_archive`` is the command ``archive``."""

from integrity_archive.cli.main import main

main()
