"""`python -m segmetry` is the same as `segmetry`."""

from segmetry.cli import main

if __name__ == "__main__":
    main()
