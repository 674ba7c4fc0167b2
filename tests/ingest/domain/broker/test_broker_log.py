"""What a line of the broker's log means, as 2.0 and 2.1 were seen to write it."""

import pytest

from services.ingest.domain.broker.broker_log import why

TOLD = {
    "not_authorised": (
        "Client cam-7 disconnected, not authorised.",
        "Client cam-7 [127.0.0.1:38799] disconnected: not authorised.",
    ),
    "taken_over": (
        "Client cam-7 already connected, closing old connection.",
        "Client cam-7 [127.0.0.1:1] disconnected: session taken over.",
    ),
    "retain_not_supported": (
        "Client <unknown> disconnected due to QoS too high or retain not supported.",
        "Client 127.0.0.1 [127.0.0.1:1] disconnected: used disallowed feature (retain not supported).",
        "Bad socket read/write on client cam-7: Unknown error.",
        "Client cam-7 [127.0.0.1:1] disconnected: bad socket read/write: Retain not supported",
    ),
    "protocol_error": (
        "Client cam-7 disconnected due to protocol error.",
        "Client cam-7 [127.0.0.1:1] disconnected: protocol error.",
        "Client cam-7 [127.0.0.1:1] disconnected: malformed packet.",
        "Client cam-7 disconnected due to oversize packet.",
    ),
    None: (
        "New client connected from 127.0.0.1:1 as cam-7 (p5, c1, k60, u'cam-7').",
        "Client cam-7 closed its connection.",
        "Client cam-7 [127.0.0.1:1] disconnected: connection closed by client.",
        "Client cam-7 [127.0.0.1:1] disconnected: exceeded timeout.",
    ),
}


@pytest.mark.parametrize(
    ("reason", "line"), [(r, line) for r, lines in TOLD.items() for line in lines]
)
def test_what_a_line_means(reason, line):
    assert why(f"2026-11-28T08:22:04: {line}") == reason
