"""HTTPS at a gateway that is a process of its own: it looks after its certificate by itself."""

import pytest

from authority import Authority
from certificate_reload import RELOADS


@pytest.mark.parametrize("reload", RELOADS, ids=lambda each: each.__name__)
def test_its_files_are_read_again(deployment, tmp_path, reload):
    authority = Authority(tmp_path / "authority")
    deployment.processor("processor").start()
    deployment.projector("projector").start()
    gateway = deployment.gateway("gateway", "--tls-cert", authority.certificate,
                                 "--tls-key", authority.key).start()
    reload(gateway, authority)
    assert gateway.stop() == 0
