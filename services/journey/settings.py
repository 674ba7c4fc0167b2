"""What an operator may turn."""

from pathlib import Path

from pydantic import Field

from shared.settings import ServiceSettings

HOME_CAMERA = Path("playbooks/home-camera/journey.yaml")


class Settings(ServiceSettings):
    """Settings of journey."""

    journey_map: Path = Field(
        HOME_CAMERA, description="The journey map: stages and when a customer enters each."
    )
