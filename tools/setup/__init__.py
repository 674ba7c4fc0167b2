"""Set-up: brings what the project needs onto this machine. Standard library only.

It runs before anything is installed, with whatever `python3` there is (3.9 or newer).
"""
