"""Runs Python programs and policy packs for the Pulumi engine, where its own host for Python is not to be had.

On the PATH as `pulumi-language-python`. Which plugins a program needs is not told: the engine finds out when the
program asks for them.
"""

import json
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import IO

from google.protobuf.empty_pb2 import Empty
from pulumi.runtime.proto import language_pb2 as messages
from pulumi.runtime.proto.plugin_pb2 import PluginInfo

from tests.lab.engine.program import ERROR_IS_SHOWN
from tests.lab.engine.rpc import Call, answers, serve, streams
from tests.lab.engine.wire import received, text_at

_CHUNK_BYTES = 4096


class LanguageHost:
    """The engine's address comes with the start; everything else with the question."""

    def __init__(self, engine: str) -> None:
        self._engine = engine

    def handshake(self, _: messages.LanguageHandshakeRequest, __: Call) -> messages.LanguageHandshakeResponse:
        return messages.LanguageHandshakeResponse()

    def plugin_info(self, _: Empty, __: Call) -> PluginInfo:
        return PluginInfo(version=version("pulumi"))

    def required(self, _: messages.GetRequiredPackagesRequest, __: Call) -> messages.GetRequiredPackagesResponse:
        return messages.GetRequiredPackagesResponse()

    def dependencies(
        self, _: messages.GetProgramDependenciesRequest, __: Call
    ) -> messages.GetProgramDependenciesResponse:
        return messages.GetProgramDependenciesResponse()

    def about(self, _: messages.AboutRequest, __: Call) -> messages.AboutResponse:
        return messages.AboutResponse(executable=sys.executable, version=sys.version.split()[0])

    def run(self, request: messages.RunRequest, call: Call) -> messages.RunResponse:
        """The program's output goes to the engine's terminal; its errors have reached the engine by its log."""
        directory = request.info.program_directory or request.pwd
        process = subprocess.Popen(
            run_command(request, self._engine, _python(request.info)), cwd=directory, env=_environment(request)
        )
        call.add_callback(process.kill)
        status = process.wait()
        if status == ERROR_IS_SHOWN:
            return messages.RunResponse(bail=True)
        return messages.RunResponse(error=f"the program exited with status {status}" if status else "")

    def run_plugin(self, request: messages.RunPluginRequest, call: Call) -> Iterator[messages.RunPluginResponse]:
        """Stream what it prints: the first line is its port."""
        directory = Path(request.info.program_directory)
        given = dict(pair.split("=", 1) for pair in request.env)
        process = subprocess.Popen(
            [_python(request.info), "-u", *plugin_arguments(directory, request.args)],
            cwd=directory,
            env={**os.environ, **given},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        call.add_callback(process.kill)
        yield from _output(process)
        yield messages.RunPluginResponse(exitcode=process.wait())


def run_command(request: messages.RunRequest, engine: str, python: str) -> Sequence[str]:
    """What starts a program."""
    directory = request.info.program_directory or request.pwd
    options = {
        "--monitor": request.monitor_address,
        "--engine": engine,
        "--project": request.project,
        "--stack": request.stack,
        "--organization": request.organization,
        "--root": request.info.root_directory,
        "--parallel": str(request.parallel),
    }
    given = [word for pair in options.items() for word in pair]
    dry = ["--dry-run"] if request.dryRun else []
    # The program's own folder is the working folder, so this module is named by its path.
    script = str(Path(__file__).with_name("program.py"))
    return [python, "-u", script, *given, *dry, str(Path(directory, request.info.entry_point or "."))]


def plugin_arguments(directory: Path, arguments: Sequence[str]) -> Sequence[str]:
    """A policy pack is imported by Pulumi's runner; any other plugin runs itself."""
    if (directory / "PulumiPolicy.yaml").exists():
        return ["-m", "pulumi.policy", *arguments, str(directory)]
    return [str(directory), *arguments]


def _python(info: messages.ProgramInfo) -> str:
    """Of the virtual environment that the project names, else the one that runs this."""
    named = text_at(received(info.options), "virtualenv")
    own = Path(info.root_directory, named, "bin", "python")
    return str(own) if named and own.exists() else sys.executable


def _environment(request: messages.RunRequest) -> dict[str, str]:
    config = json.dumps(dict(request.config))
    secret = json.dumps(list(request.configSecretKeys))
    return {**os.environ, "PULUMI_CONFIG": config, "PULUMI_CONFIG_SECRET_KEYS": secret}


def _output(process: subprocess.Popen[bytes]) -> Iterator[messages.RunPluginResponse]:
    chunks: queue.Queue[messages.RunPluginResponse | None] = queue.Queue()

    def pump(stream: IO[bytes], *, standard: bool) -> None:
        while chunk := os.read(stream.fileno(), _CHUNK_BYTES):
            answer = messages.RunPluginResponse
            chunks.put(answer(stdout=chunk) if standard else answer(stderr=chunk))
        chunks.put(None)

    assert process.stdout
    assert process.stderr
    for stream, standard in ((process.stdout, True), (process.stderr, False)):
        threading.Thread(target=pump, args=(stream,), kwargs={"standard": standard}, daemon=True).start()
    for _ in range(2):
        yield from iter(chunks.get, None)


def main(arguments: Sequence[str]) -> None:
    """The engine's address is the last argument that is not an option."""
    host = LanguageHost([argument for argument in arguments if not argument.startswith("-")][-1])
    methods = {
        "Handshake": answers(messages.LanguageHandshakeRequest, host.handshake),
        "GetPluginInfo": answers(Empty, host.plugin_info),
        "GetRequiredPackages": answers(messages.GetRequiredPackagesRequest, host.required),
        "GetProgramDependencies": answers(messages.GetProgramDependenciesRequest, host.dependencies),
        "About": answers(messages.AboutRequest, host.about),
        "Run": answers(messages.RunRequest, host.run),
        "RunPlugin": streams(messages.RunPluginRequest, host.run_plugin),
    }
    serve("pulumirpc.LanguageRuntime", methods)


if __name__ == "__main__":
    main(sys.argv[1:])
