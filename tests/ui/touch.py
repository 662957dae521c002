"""Fingers on a page."""


def fingers(page, *moments, lift=True, session=None):
    """Put fingers where the moments say, one after the other; returns how to go on."""
    touches = 0 if session is None else 1
    session = session or page.context.new_cdp_session(page)

    def send(kind, places):
        points = [{"x": x, "y": y, "id": i} for i, (x, y) in enumerate(places)]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    for places in moments:
        send("touchStart" if len(places) > touches else "touchMove", places)
        touches = len(places)
        page.wait_for_timeout(20)
    if lift:
        send("touchEnd", [])
    return session
