"""What the tests share that run a page's script without a browser."""


def words(app):
    return "\n".join(e.value for e in [*app.markdown, *app.caption])


def warnings(app):
    return " ".join(e.value for e in app.warning).replace("\\", "")


def button(app, label):
    return next(b for b in app.button if b.label == label)
