"""nginx with nchan, Debian's: the peer of our hub, in one process like it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from embedded.ports import free_port
from embedded.process import Process, running
from tests import debian

PACKAGES = {
    "nginx": "/usr/sbin/nginx",
    "libnginx-mod-nchan": "/usr/lib/nginx/modules/ngx_nchan_module.so",
}
CONFIGURATION = """
load_module {module};
daemon off; master_process off; user root; pid {folder}/nginx.pid; error_log stderr;
worker_rlimit_nofile 8192;
events {{ worker_connections 8192; }}
http {{
  access_log off;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  server {{
    listen 127.0.0.1:{port};
    location /tell {{ nchan_publisher; nchan_channel_id all; }}
    location /stream {{ nchan_subscriber eventsource; nchan_channel_id all; }}
  }}
}}
"""


@contextmanager
def nchan(folder: Path) -> Iterator[tuple[str, int]]:
    """Run it for the length of a block; yield its address and its process."""
    debian.install(PACKAGES)
    port = free_port(())
    file = folder / "nginx.conf"
    module = PACKAGES["libnginx-mod-nchan"]
    file.write_text(CONFIGURATION.format(module=module, folder=folder, port=port))
    url = f"http://127.0.0.1:{port}"
    argv = (PACKAGES["nginx"], "-c", str(file), "-e", "stderr")
    process = Process("nchan", argv, lambda: answers(url))
    with running(process, logs=folder) as child:
        yield url, child.pid


def answers(url: str) -> bool:
    """Return whether it takes what is told."""
    try:
        return httpx.post(f"{url}/tell", content=b"ready", trust_env=False).is_success
    except httpx.HTTPError:
        return False
