"""Kafka's users and their rights: made, and set anew, so that they are what the table says."""

import asyncio
import hashlib
import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import for_code
from aiokafka.protocol.admin import DescribeAclsRequest

from deploy.prepare.acls import CreateRights, DeleteRights, Numbers
from deploy.prepare.scram import MECHANISM, AlterUsersRequest, Change
from shared import log
from shared.clock import monotonic
from shared.errors import BadSettings
from shared.stream import admin
from shared.stream.cluster import Cluster, refuse_for_good
from shared.stream.rights import Operation, Right, rights

ITERATIONS = 8_192  # Kafka's own minimum is 4096; passwords here are drawn, not thought up
SALT_BYTES = 32
TAKEN_S = 15.0

# numbers of Kafka's protocol
ANY, ALLOW = 1, 3
LITERAL = 3
KINDS = {"topic": 2, "group": 3}
OPERATIONS: dict[Operation, int] = {"read": 3, "write": 4, "describe": 8, "describe configs": 10}

_log = log.get("prepare.principals")


async def prepare(kafka: Cluster, passwords: Mapping[str, str]) -> None:
    """Set every service's password and rights.

    Args:
        kafka: as a principal that may.
        passwords: by principal.
    """
    client = await admin.connect(kafka)
    try:
        await set_passwords(client, passwords)
        for user, password in passwords.items():
            await until_taken(replace(kafka, user=user, password=password))
        _log.info("Kafka: passwords of %s are set", ", ".join(sorted(passwords)))
        made, removed = await set_rights(client, rights(services=passwords))
        _log.info(
            "Kafka: rights are as the table says",
            extra={"made": len(made), "removed": len(removed)},
        )
    finally:
        await client.close()


async def set_passwords(client: AIOKafkaAdminClient, passwords: Mapping[str, str]) -> None:
    """Make users, or give them another password; connections that are open stay."""
    changes: list[Change] = []
    for user, password in passwords.items():
        salt = secrets.token_bytes(SALT_BYTES)
        salted = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, ITERATIONS)
        changes.append((user, MECHANISM, ITERATIONS, salt, salted, {}))
    answer = await client._send_to_controller(AlterUsersRequest(changes))  # noqa: SLF001
    for user, code, why, _ in answer.results:
        if code != 0:
            raise for_code(code)(f"{user}: {why}")


async def until_taken(login: Cluster) -> None:
    """Return when brokers let this user in: they hear of another password a moment later.

    Raises: BadSettings: they have not within TAKEN_S.
    """
    until = monotonic() + TAKEN_S
    while True:
        try:
            return await refuse_for_good(login)
        except BadSettings:
            if monotonic() > until:
                raise
            await asyncio.sleep(0.1)


async def set_rights(
    client: AIOKafkaAdminClient, wanted: set[Right]
) -> tuple[set[Right], set[Right | Numbers]]:
    """Make what is missing and take away what is too much; returns both.

    Too much is everything of a principal of ours, or of everybody, that is not wanted: also on
    prefixes, on the cluster, from one host, and what denies. Rights of others are left alone.
    """
    ours = {f"User:{right.principal}" for right in wanted} | {"User:*"}
    needed = {_numbers(right): right for right in wanted}
    there = {numbers for numbers in await _all(client) if numbers[3] in ours}
    missing, surplus = needed.keys() - there, there - needed.keys()
    if not missing and not surplus:
        return set(), set()
    if missing:
        made = await client._send_to_controller(CreateRights(sorted(missing)))  # noqa: SLF001
        _raise_first(made.creation_responses)
    if surplus:
        gone = await client._send_to_controller(DeleteRights(sorted(surplus)))  # noqa: SLF001
        _raise_first(gone.filter_responses)
    await _until_seen(client, ours, needed.keys())
    return {needed[each] for each in missing}, {_right(each) or each for each in surplus}


async def _until_seen(
    client: AIOKafkaAdminClient, ours: set[str], wanted: Collection[Numbers]
) -> None:
    """Return when brokers hold these rights: the controller takes them a moment before.

    Raises: BadSettings: they do not within TAKEN_S.
    """
    until = monotonic() + TAKEN_S
    while {numbers for numbers in await _all(client) if numbers[3] in ours} != set(wanted):
        if monotonic() > until:
            raise BadSettings(f"Kafka does not hold the rights it was given {TAKEN_S:.0f} s ago.")
        await asyncio.sleep(0.05)


async def present(client: AIOKafkaAdminClient) -> set[Right]:
    """The rights that Kafka knows, as far as they are of the kinds we give."""
    return {right for each in await _all(client) if (right := _right(each)) is not None}


async def _all(client: AIOKafkaAdminClient) -> set[Numbers]:
    """Every right there is, of whatever kind."""
    answer = await client._send_request(  # noqa: SLF001
        DescribeAclsRequest(ANY, None, ANY, None, None, ANY, ANY)
    )
    if answer.error_code != 0:
        raise for_code(answer.error_code)(answer.error_message)
    return {
        (kind, name, pattern, principal, host, operation, permission)
        for kind, name, pattern, acls in answer.resources
        for principal, host, operation, permission in acls
    }


def _right(of: Numbers) -> Right | None:
    """A right of the kinds we give; None: it is of another."""
    kind, name, pattern, principal, host, operation, permission = of
    words = [word for word, number in OPERATIONS.items() if number == operation]
    kinds = [word for word, number in KINDS.items() if number == kind]
    if not words or not kinds or (pattern, host, permission) != (LITERAL, "*", ALLOW):
        return None
    return Right(principal.removeprefix("User:"), words[0], kinds[0], name)  # type: ignore[arg-type]


def _numbers(right: Right) -> Numbers:
    return (
        KINDS[right.on],
        right.name,
        LITERAL,
        f"User:{right.principal}",
        "*",
        OPERATIONS[right.operation],
        ALLOW,
    )


def _raise_first(answers: Sequence[tuple[int, str]]) -> None:
    for code, why, *_ in answers:
        if code != 0:
            raise for_code(code)(why)
