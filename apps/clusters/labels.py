"""The keys and names that tell objects apart: our own, and those that others set."""

PREFIX = "slipway.dev"
SERVICE_ID, REVISION = f"{PREFIX}/service-id", f"{PREFIX}/revision"
SERVICE_NAME = f"{PREFIX}/service"
# What is beside a Deployment of this name, until it takes its place; no service has a dot.
CANDIDATE_SUFFIX = ".candidate"
EPOCH, ROLLOUT = f"{PREFIX}/epoch", f"{PREFIX}/rollout"
CONTAINER = "model"
GPU_PRODUCT_LABEL = "nvidia.com/gpu.product"
SIMULATED_LABEL, KWOK_ANNOTATION = "slipway.dev/simulated", "kwok.x-k8s.io/node"
# Every namespace has it, and only the API server sets it.
NAMESPACE_NAME = "kubernetes.io/metadata.name"
