"""`python -m tools`, which is what `./playcaller` starts."""

from tools.cli import main

if __name__ == "__main__":
    main()
