"""The stage of the demo: users, directories and processes, and how all of them are gone at the end."""

import ctypes
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

#: By this comment in /etc/passwd the demo knows a user that an earlier demo made and could not remove.
USER_COMMENT = "made by the demo of Writ"
#: How long anything may take that takes no time on a machine that is not overloaded, in seconds.
PATIENCE = 30
#: How long a process may take to end after SIGTERM, in seconds.
END_PATIENCE = 5
#: Of prctl(2).
PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36


class DemoFailure(Exception):
    """Something is not as the demo says it is."""


@dataclass(frozen=True)
class User:
    """A user of the machine, as which a part of the demo runs."""

    name: str
    number: int
    group: int

    @staticmethod
    def current():
        entry = pwd.getpwuid(os.geteuid())
        return User(entry.pw_name, entry.pw_uid, entry.pw_gid)

    @staticmethod
    def named(name):
        entry = pwd.getpwnam(name)
        return User(entry.pw_name, entry.pw_uid, entry.pw_gid)

    @property
    def is_current(self):
        return self.number == os.geteuid()


class Stage:
    """Makes what the demo needs, and removes all of it: use it in a `with` statement."""

    def __init__(self, binaries, environment):
        self.binaries = Path(binaries)
        self.virtual_environment = Path(environment).absolute()
        self.made_users = []
        self.processes = []
        self.files = []
        #: Why there is only one user; None where gate and agent have one each.
        self.why_one_user = None

    # Setting up

    def __enter__(self):
        # An end from outside is an end like any other: what was made is removed.
        for number in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, lambda number, frame: sys.exit(128 + number))
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)
        try:
            self.set_up()
        except BaseException:
            self.clear()
            raise
        return self

    def __exit__(self, *exception):
        self.clear()

    def set_up(self):
        self.root = None
        self.root = Path(tempfile.mkdtemp(prefix="writ-demo."))
        self.root.chmod(0o755)
        self.gate_user, self.agent_user = self.users()
        #: What belongs to the gate and the platform: nobody else may look into it.
        self.private = self.directory("gate", self.gate_user, 0o700)
        #: Where the gateway's socket is.
        self.run = self.directory("run", self.gate_user, 0o755)
        self.agent_home = self.directory("agent", self.agent_user, 0o700)
        self.receipts = self.directory("receipts", User.current(), 0o755)
        self.place_programs()

    def users(self):
        if os.geteuid() != 0:
            self.why_one_user = "only root may create users"
            return User.current(), User.current()
        self.lock_users()
        try:
            users = self.make_user("writ-demo-gate"), self.make_user("writ-demo-agent")
            for user in users:
                subprocess.run(["true"], user=user.number, group=user.group, extra_groups=[], check=True)
            return users
        except DemoFailure as failure:
            self.why_one_user = str(failure)
        except (OSError, subprocess.SubprocessError):
            # Such as in a container that has no other user than root.
            self.why_one_user = "no process can be started as another user here"
        return User.current(), User.current()

    def lock_users(self):
        """The users are the same for each demo, so one demo at a time; a name that leaves no file behind is the lock."""
        lock = socket.socket(socket.AF_UNIX)
        self.files.append(lock)
        try:
            lock.bind("\0writ-demo")
        except OSError:
            raise DemoFailure("another demo is running on this machine") from None

    def make_user(self, name):
        try:
            if pwd.getpwnam(name).pw_gecos != USER_COMMENT:
                raise DemoFailure(f"there is a user `{name}` that is not the demo's")
        except KeyError:
            command = ["useradd", "--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent"]
            command += ["--shell", "/usr/sbin/nologin", "--comment", USER_COMMENT, name]
            try:
                result = subprocess.run(command, capture_output=True, text=True)
            except OSError as error:
                raise DemoFailure(f"`useradd` cannot be run: {error.strerror}") from None
            if result.returncode != 0:
                raise DemoFailure(result.stderr.strip() or f"`useradd` failed with {result.returncode}") from None
        self.made_users.append(name)
        return User.named(name)

    def directory(self, name, user, mode):
        path = self.root / name
        path.mkdir()
        os.chown(path, user.number, user.group)
        path.chmod(mode)
        return path

    def place_programs(self):
        """Puts programs where the demo's users can run them: a clone below /root is closed to them."""
        self.programs = self.root / "bin"
        self.programs.mkdir()
        here = Path(__file__).parent
        for source in (
            self.binaries / "writ",
            self.binaries / "writ-verify",
            here / "agent.py",
            here / "platform_server.py",
        ):
            shutil.copy(source, self.programs / source.name)
        self.writ = str(self.programs / "writ")
        self.writ_verify = str(self.programs / "writ-verify")
        self.python = str(self.virtual_environment / "bin/python")
        if self.imports_sdk():
            return
        copy = self.root / "venv"
        shutil.copytree(self.virtual_environment, copy, symlinks=True)
        self.python = str(copy / "bin/python")
        if not self.imports_sdk():
            raise DemoFailure(f"user `{self.agent_user.name}` cannot run `{self.python}`")

    def imports_sdk(self):
        try:
            return self.command([self.python, "-c", "import mcp"], self.agent_user).returncode == 0
        except OSError:
            return False

    # Processes

    def options(self, user):
        """How a process of that user is started: nothing of our environment, no other group, and never outliving us."""
        home = self.private if user == self.gate_user else self.agent_home
        options = {
            "cwd": home,
            "env": {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": str(home), "LANG": "C.UTF-8"},
            "preexec_fn": lambda: ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL),
            "start_new_session": True,
        }
        if not user.is_current:
            options |= {"user": user.number, "group": user.group, "extra_groups": []}
        return options

    def command(self, words, user, **more):
        """Runs a command to its end."""
        return subprocess.run(
            words, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=PATIENCE, **self.options(user), **more
        )

    def data_of(self, words, user):
        """The standard output of a command that must succeed."""
        result = self.command(words, user)
        if result.returncode != 0:
            raise DemoFailure(f"`{' '.join(words)}` ended with {result.returncode}: {result.stderr.strip()}")
        return result.stdout

    def start(self, name, words, user, **streams):
        """Starts a process that stays; its words go to a file."""
        words_file = open(self.root / f"{name}.stderr", "ab")
        self.files.append(words_file)
        process = subprocess.Popen(words, stderr=words_file, **streams, **self.options(user))
        process.name = name
        self.processes.append(process)
        return process

    def said(self, name):
        """What a process said so far."""
        return (self.root / f"{name}.stderr").read_text(errors="replace")

    def wait(self, process, what, condition):
        """Waits until a condition holds, or fails with what the process said."""
        deadline = time.monotonic() + PATIENCE
        while not condition():
            if process.poll() is not None or time.monotonic() > deadline:
                raise DemoFailure(f"{what} did not happen; `{process.name}` said:\n{self.said(process.name)}")
            time.sleep(0.01)

    def stop(self, process):
        """Ends one process, by its number."""
        for number in (signal.SIGTERM, signal.SIGKILL):
            if process.poll() is None:
                process.send_signal(number)
                try:
                    process.wait(END_PATIENCE)
                except subprocess.TimeoutExpired:
                    continue
        return process.returncode

    # Clearing up

    def clear(self):
        # Nothing interrupts this: what is left behind would be in the way of the next demo.
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        for process in reversed(self.processes):
            self.stop(process)
        for name in self.made_users:
            self.end_processes_of(User.named(name).number)
            result = subprocess.run(["userdel", name], capture_output=True, text=True)
            if result.returncode != 0:
                print(f"demo: user `{name}` is left behind: {result.stderr.strip()}", file=sys.stderr)
        for file in self.files:
            file.close()
        if self.root is not None:
            shutil.rmtree(self.root, ignore_errors=True)

    @staticmethod
    def end_processes_of(number):
        """Ends what still runs as a user that this demo made, such as a server whose gateway has just gone."""
        began = time.monotonic()
        while left := processes_of(number):
            waited = time.monotonic() - began
            if waited > 2 * END_PATIENCE:
                return
            if waited > END_PATIENCE:
                for process in left:
                    with suppress(ProcessLookupError):
                        os.kill(process, signal.SIGKILL)
            time.sleep(0.02)


def processes_of(number):
    """The processes of a user. Those that ended are reaped first: orphans come to this process, too."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit() and owner(entry) == number]


def owner(entry):
    """The user of a process, by its directory in /proc; None once it is gone."""
    try:
        return entry.stat().st_uid
    except OSError:
        return None
