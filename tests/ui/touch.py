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


def at_top(element):
    """Scroll an element to its top; whether it has stayed there for some frames."""
    return element.evaluate(
        """async (element) => {
            element.scrollTo(0, 0)
            for (let i = 0; i < 3; i++) await new Promise(requestAnimationFrame)
            return element.scrollTop === 0
        }"""
    )
