"""What Argo CD and Flux are told of a rendered stack."""

from dataclasses import dataclass

from stacks.rendering.steps import STEPS, Manifest, folder

MANIFESTS = "manifests"


@dataclass(frozen=True, kw_only=True)
class Repository:
    """Where the rendered stack is kept."""

    url: str
    path: str
    """Of the folder that was rendered into."""
    revision: str = "main"


def application(stack: str, repository: Repository) -> Manifest:
    """Argo CD's: one Application, whose waves are the steps."""
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": {"name": f"souk-{stack}", "namespace": "argocd"},
        "spec": {
            "project": "default",
            "source": {
                "repoURL": repository.url,
                "targetRevision": repository.revision,
                "path": f"{repository.path}/{MANIFESTS}",
                "directory": {"recurse": True},
            },
            "destination": {"server": "https://kubernetes.default.svc"},
            "syncPolicy": {
                "automated": {"prune": True, "selfHeal": True},
                # Pods of the previous version read what would be pruned until they are gone.
                "syncOptions": ["ServerSideApply=true", "PruneLast=true", "RespectIgnoreDifferences=true"],
                "retry": {"limit": 5, "backoff": {"duration": "30s", "factor": 2, "maxDuration": "10m"}},
            },
            # Claims grow by themselves; a StatefulSet's templates of them can never change.
            "ignoreDifferences": [
                {"group": "apps", "kind": "StatefulSet", "jsonPointers": ["/spec/volumeClaimTemplates"]}
            ],
        },
    }


def kustomizations(stack: str, repository: Repository, steps: list[int]) -> list[Manifest]:
    """Flux's: where the repository is, and a Kustomization a step, each after the one before it."""
    source: Manifest = {
        "apiVersion": "source.toolkit.fluxcd.io/v1",
        "kind": "GitRepository",
        "metadata": {"name": f"souk-{stack}", "namespace": "flux-system"},
        "spec": {"interval": "1m", "url": repository.url, "ref": {"branch": repository.revision}},
    }
    before = [None, *steps]
    return [source, *(_kustomization(stack, repository, *pair) for pair in zip(steps, before, strict=False))]


def _kustomization(stack: str, repository: Repository, step: int, before: int | None) -> Manifest:
    after = {} if before is None else {"dependsOn": [{"name": _name(stack, before)}]}
    return {
        "apiVersion": "kustomize.toolkit.fluxcd.io/v1",
        "kind": "Kustomization",
        "metadata": {"name": _name(stack, step), "namespace": "flux-system"},
        "spec": {
            **after,
            "interval": "10m",
            "retryInterval": "1m",
            "timeout": "20m",
            "path": f"./{repository.path}/{MANIFESTS}/{folder(step)}",
            "prune": True,
            "wait": True,
            "sourceRef": {"kind": "GitRepository", "name": f"souk-{stack}"},
        },
    }


def _name(stack: str, step: int) -> str:
    return f"souk-{stack}-{step}-{STEPS[step]}"
