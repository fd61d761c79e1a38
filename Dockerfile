# syntax=docker/dockerfile:1.7
# One image for listener, API and worker; docker-compose.yml says which command each runs.
#   docker build -t thorax .
#   docker build -t thorax:gpu --build-arg ACCELERATOR=gpu .

ARG PYTHON_IMAGE=python:3.12-slim-bookworm

# --- build: the environment, from locked and hashed requirements -----------------------------
FROM ${PYTHON_IMAGE} AS build
ARG ACCELERATOR=cpu
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_NO_INPUT=1 \
    PATH=/opt/venv/bin:$PATH
SHELL ["/bin/bash", "-o", "pipefail", "-c"]
WORKDIR /opt/thorax
RUN python -m venv /opt/venv
COPY deploy/requirements/ deploy/requirements/
RUN pip install --require-hashes --only-binary=:all: -r deploy/requirements/service.txt
# onnxruntime and onnxruntime-gpu share files: the first goes before the second comes.
RUN if [ "$ACCELERATOR" = gpu ]; then \
      pip uninstall --yes onnxruntime \
      && pip install --require-hashes --no-deps --only-binary=:all: \
           -r deploy/requirements/gpu.txt -r deploy/requirements/gpu-libraries.txt; \
    fi
COPY pyproject.toml README.md LICENSE ./
COPY service/ service/
COPY training/ training/
COPY alembic/ alembic/
COPY models/ models/
COPY deploy/healthcheck.py deploy/healthcheck.py
# Editable, as `make` installs it: models/ and alembic/ are found beside the code.
RUN pip install --no-deps --no-build-isolation --editable . \
    && python -m compileall -q service \
    && rm -rf deploy/requirements

# --- run: the same files without the tools that made them --------------------------------------
FROM ${PYTHON_IMAGE} AS run
LABEL org.opencontainers.image.title="Thorax" \
      org.opencontainers.image.description="Chest-radiograph anatomy for a PACS. Not a medical device." \
      org.opencontainers.image.licenses="Apache-2.0"
RUN groupadd --system --gid 10001 thorax \
    && useradd --system --uid 10001 --gid thorax --no-create-home --shell /usr/sbin/nologin thorax \
    && install -d -o thorax -g thorax -m 0700 /var/lib/thorax /var/lib/thorax/run
COPY --from=build /opt/venv /opt/venv
COPY --from=build /opt/thorax /opt/thorax
# The CUDA libraries of a GPU image lie in the environment; the path does no harm without them.
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    LD_LIBRARY_PATH=/opt/venv/lib/python3.12/site-packages/nvidia/cu13/lib:/opt/venv/lib/python3.12/site-packages/nvidia/cudnn/lib \
    THORAX_HOME=/var/lib/thorax THORAX_LOG_FORMAT=json
# Nothing else is written to: the root file system may be read-only, with a tmpfs at /tmp.
VOLUME /var/lib/thorax
WORKDIR /var/lib/thorax
USER 10001:10001
EXPOSE 8080 11112
HEALTHCHECK --interval=30s --timeout=10s --start-period=30s --retries=3 \
    CMD ["python", "/opt/thorax/deploy/healthcheck.py", "api"]
CMD ["thorax", "api"]
