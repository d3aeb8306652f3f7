"""Places of the embedded cluster: its folder, its socket, its log and its lock.

All are in the data folder, under their own names, beside whatever else is there:

    data/lock           who holds the folder: the process id, locked while it runs
    data/postgres/      the cluster; a link, where it has to be elsewhere
    data/postgres.log   what Postgres says
    data/socket/        the socket, for its user only
"""

import hashlib
import shutil
import stat
import tempfile
from pathlib import Path

from app.domain.values import Value
from app.embedded import binaries
from app.embedded.errors import EmbeddedError, explained
from app.embedded.users import User, can_enter, choose_user, hand_over

PORT = 5432

# sun_path has 108 bytes with its closing zero (unix(7)); Postgres adds a lock file's suffix.
_SOCKET_PATH_BYTES = 107 - len(f"/.s.PGSQL.{PORT}")

# Where the socket goes when the path is longer: a folder that begins like this.
_ELSEWHERE = Path("/tmp/surety-")  # noqa: S108  made by mkdtemp


class Places(Value):
    """`home` holds the cluster, its lock and its socket; it is the data folder where it can be."""

    data_dir: Path
    home: Path
    user: User

    @property
    def cluster(self) -> Path:
        return self.home / "postgres"

    @property
    def lock(self) -> Path:
        return self.home / "lock"

    @property
    def log(self) -> Path:
        return self.data_dir / "postgres.log"


def find_places(data_dir: Path) -> Places:
    """Make the data folder if it is missing, and say where everything in it is.

    As root, a cluster that its user could not reach where the data folder is comes under
    /var/lib/surety instead, and a link in the data folder says so.
    """
    with explained(data_dir):
        _make_folder(data_dir, like=data_dir.parent)
    data_dir = data_dir.resolve()
    cluster = data_dir / "postgres"
    if cluster.is_symlink():
        return _follow_link(data_dir, cluster)
    user = choose_user(cluster)
    if cluster.exists() or can_enter(user, data_dir):
        return Places(data_dir, data_dir, user)
    digest = hashlib.sha256(bytes(data_dir)).hexdigest()[:16]
    home = binaries.SHARED_HOME / digest
    with explained(home):
        home.mkdir(mode=0o755, parents=True, exist_ok=True)
        cluster.symlink_to(home / "postgres")
    return Places(data_dir, home, choose_user(home / "postgres"))


def make_socket_folder(places: Places) -> Path:
    """Return an empty folder that only Postgres's user can enter, with a path short enough."""
    folder = places.home / "socket"
    with explained(folder):
        remove_socket_folder(places)
        if len(bytes(folder)) <= _SOCKET_PATH_BYTES:
            folder.mkdir(mode=0o700)
            hand_over(places.user, folder)
            return folder
        elsewhere = Path(tempfile.mkdtemp(prefix=_ELSEWHERE.name, dir=_ELSEWHERE.parent))
        hand_over(places.user, elsewhere)
        folder.symlink_to(elsewhere)
        return elsewhere


def remove_socket_folder(places: Places) -> None:
    folder = places.home / "socket"
    if folder.is_symlink():
        target = folder.readlink()
        if target.parent == _ELSEWHERE.parent and target.name.startswith(_ELSEWHERE.name):
            shutil.rmtree(target, ignore_errors=True)
        folder.unlink()
    elif folder.is_dir():
        shutil.rmtree(folder)


def _follow_link(data_dir: Path, cluster: Path) -> Places:
    target = data_dir / cluster.readlink()
    if not target.parent.is_dir():
        raise EmbeddedError(
            f"{cluster} leads to {target}, which is not there. Bring it back, or remove the "
            "link to begin with nothing."
        )
    return Places(data_dir, target.parent, choose_user(target))


def _make_folder(folder: Path, *, like: Path) -> None:
    """Make the folder and its missing parents, owned as the parent is; leave one that is there."""
    if folder.is_dir():
        return
    if not like.is_dir():
        _make_folder(like, like=like.parent)
    folder.mkdir()
    folder.chmod(0o755)
    owner = like.stat()
    if owner.st_uid != folder.stat().st_uid and stat.S_ISDIR(owner.st_mode):
        hand_over(User(owner.st_uid, owner.st_gid), folder)
