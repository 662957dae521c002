# One server in a container, also a Space of Hugging Face: docker build -t vae-lab .
FROM python:3.12-slim
RUN useradd --uid 1000 vae-lab \
    && install --directory --owner vae-lab /home/vae-lab /var/lib/vae-lab
WORKDIR /opt/vae-lab
COPY requirements.lock .
RUN pip install --no-cache-dir --require-hashes --requirement requirements.lock
COPY . .
USER vae-lab
ENV VAE_HOME=/var/lib/vae-lab PYTHONDONTWRITEBYTECODE=1 \
    PYTHONMALLOC=malloc MALLOC_ARENA_MAX=1 MALLOC_TRIM_THRESHOLD_=16777216
EXPOSE 8501
HEALTHCHECK CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8501/_stcore/health')"]
CMD ["streamlit", "run", "app.py", "--server.headless=true", "--server.address=0.0.0.0"]
