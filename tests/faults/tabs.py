"""Pages over Streamlit's protocol, as a browser sends anything that it likes."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

from benchmarks.load.session import connect


def shown_exceptions(url, act):
    """The exceptions on the pages of a new tab in which `act(session)` is done."""

    async def visit():
        async with connect(url) as session:
            await act(session)
            return session.exceptions

    # In a thread of its own: the browser tests leave an event loop running in this one.
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, visit()).result()
