"""Groups of commands that are imported when somebody types them: `status` need not wait for numpy."""

from importlib import import_module
from typing import Any, ClassVar

from typer import Typer
from typer.core import TyperGroup
from typer.main import get_group
from typing_extensions import override


class OnDemand(TyperGroup):
    """A group, some of whose commands are elsewhere.

    The arguments are click's, whose types typer keeps to itself.

    Attributes:
        elsewhere: the module and the name in it, such as `tools.plan.cli:app`, of each command.
    """

    elsewhere: ClassVar[dict[str, str]] = {}

    @override
    def list_commands(self, ctx: Any) -> list[str]:
        return [*super().list_commands(ctx), *self.elsewhere]

    @override
    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name not in self.elsewhere:
            return super().get_command(ctx, cmd_name)
        module, _, name = self.elsewhere[cmd_name].partition(":")
        around = Typer(add_completion=False)
        around.add_typer(getattr(import_module(module), name), name=cmd_name)
        return get_group(around).get_command(ctx, cmd_name)
