"""What a broker is started with: its settings, its logging and its ports."""

import random
import socket
from pathlib import Path
from typing import Final

from tests.cluster.jars import BrokerError

HOST: Final = "127.0.0.1"
LARGEST_MESSAGE: Final = 32 << 20

# Below the ports that the system gives to clients. A client that dials a dead port of its own range again and again
# is connected to itself in the end, and the broker could not come back.
_PORTS: Final = range(20_000, 32_000)

# A broker that was killed is taken back only when its session is over: 9 s, if nothing else is set.
_SETTINGS: Final = """process.roles=broker,controller
node.id=1
controller.quorum.voters=1@{host}:{controller}
listeners=PLAINTEXT://{host}:{port},CONTROLLER://{host}:{controller}
controller.listener.names=CONTROLLER
log.dirs={data}
auto.create.topics.enable=false
broker.heartbeat.interval.ms=500
broker.session.timeout.ms=3000
offsets.topic.num.partitions=1
offsets.topic.replication.factor=1
transaction.state.log.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
group.initial.rebalance.delay.ms=0
log.cleaner.dedupe.buffer.size=8388608
message.max.bytes={largest}
num.io.threads=2
num.network.threads=2
"""

LOGGING: Final = """<Configuration status="ERROR">
  <Appenders>
    <Console name="out"><PatternLayout pattern="%d %p %c{1}: %m%n"/></Console>
  </Appenders>
  <Loggers>
    <Root level="WARN"><AppenderRef ref="out"/></Root>
  </Loggers>
</Configuration>
"""


def settings(port: int, controller: int, data: Path) -> str:
    """The configuration of a broker that is its own controller."""
    return _SETTINGS.format(host=HOST, port=port, controller=controller, data=data, largest=LARGEST_MESSAGE)


def free_ports(count: int) -> list[int]:
    """Ports of the range that nobody listens on."""
    found: list[int] = []
    for port in random.SystemRandom().sample(_PORTS, len(_PORTS)):
        with socket.socket() as tried:
            try:
                tried.bind((HOST, port))
            except OSError:
                continue
        found.append(port)
        if len(found) == count:
            return found
    raise BrokerError(f"no port from {_PORTS.start} to {_PORTS.stop} is free")
