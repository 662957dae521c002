"""What the tests share that run a page's script without a browser."""


def words(app):
    return "\n".join(e.value for e in [*app.markdown, *app.caption])


def warnings(app):
    return " ".join(e.value for e in app.warning).replace("\\", "")


def errors(app):
    return " ".join(e.value for e in app.error).replace("\\", "")


def labels(app):
    return {b.label for b in app.button}


def button(app, label):
    return next(b for b in app.button if b.label == label)


def press(app, label):
    return button(app, label).click().run()
