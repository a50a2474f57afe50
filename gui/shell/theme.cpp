#include "shell/theme.h"
#include "shell/style.h"

#include <QtCore/QFile>
#include <QtGui/QIconEngine>
#include <QtGui/QPainter>
#include <QtGui/QPixmapCache>
#include <QtSvg/QSvgRenderer>
#include <QtWidgets/QApplication>

// Resources of a static library are linked in only when asked for, and only from outside a namespace.
static void loadResources()
{
    Q_INIT_RESOURCE(lodestone);
}

namespace lodestone::gui {

namespace {

struct Colours {
    const char *window, *base, *alternate, *button, *text, *faint, *highlight, *link, *mid, *midlight, *dark,
        *shadow, *light;
};
constexpr Colours lightColours = {"#f3f4f6", "#ffffff", "#f7f8fa", "#fbfbfc", "#1f2328", "#7b8591", "#2b6cb0",
                                  "#2b6cb0", "#cdd2d9", "#e4e7eb", "#a9b0ba", "#7a828c", "#ffffff"};
constexpr Colours darkColours = {"#23272c", "#1a1d21", "#1f2327", "#2d3239", "#dce1e7", "#8b949e", "#3f7fbf",
                                 "#79b0e6", "#3d444d", "#343a42", "#15181b", "#0e1012", "#454d57"};

QPalette makePalette(const Colours& c)
{
    QPalette palette;
    const auto set = [&palette](QPalette::ColorRole role, const char* colour) {
        palette.setColor(role, QColor(QLatin1String(colour)));
    };
    set(QPalette::Window, c.window);
    set(QPalette::Base, c.base);
    set(QPalette::AlternateBase, c.alternate);
    set(QPalette::Button, c.button);
    set(QPalette::WindowText, c.text);
    set(QPalette::Text, c.text);
    set(QPalette::ButtonText, c.text);
    set(QPalette::ToolTipBase, c.base);
    set(QPalette::ToolTipText, c.text);
    set(QPalette::PlaceholderText, c.faint);
    set(QPalette::Highlight, c.highlight);
    set(QPalette::HighlightedText, "#ffffff");
    set(QPalette::BrightText, "#ffffff");
    set(QPalette::Link, c.link);
    set(QPalette::LinkVisited, c.link);
    set(QPalette::Mid, c.mid);
    set(QPalette::Midlight, c.midlight);
    set(QPalette::Dark, c.dark);
    set(QPalette::Shadow, c.shadow);
    set(QPalette::Light, c.light);
    for (const auto role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText})
        palette.setColor(QPalette::Disabled, role, QColor(QLatin1String(c.faint)));
    palette.setColor(QPalette::Disabled, QPalette::Highlight, QColor(QLatin1String(c.mid)));
    return palette;
}

// Only what Fusion leaves cramped or heavy; colours come from the palette, so both themes share one text.
constexpr const char* styleSheet = R"(
QToolTip { padding: 4px 6px; border: 1px solid palette(mid); background: palette(base); color: palette(text); }
QHeaderView::section { padding: 4px 8px; border: none; border-bottom: 1px solid palette(mid);
                       background: palette(window); }
QTreeView, QTableView, QListView, QPlainTextEdit, QTextBrowser { border: 1px solid palette(mid); }
QTreeView::item, QListView::item { padding: 3px 2px; }
QDockWidget { font-weight: 600; }
QDockWidget::title { padding: 7px 8px 5px 8px; background: palette(window); }
QStatusBar::item { border: none; }
QMainWindow::separator { width: 5px; height: 5px; background: palette(window); }
QToolBar#pages-bar { border: none; border-bottom: 1px solid palette(mid); padding: 0 4px; spacing: 0; }
QTabBar#pages { font-size: 10pt; }
QTabBar#pages::tab { padding: 9px 16px 7px 12px; margin: 0; border: none; border-bottom: 2px solid transparent;
                     background: transparent; color: palette(text); }
QTabBar#pages::tab:hover { background: palette(midlight); }
QTabBar#pages::tab:selected { border-bottom: 2px solid palette(highlight); }
QTabBar#pages::tab:focus { background: palette(midlight); }
)";

QPixmap drawn(const QString& name, const QColor& colour, const QSize& size)
{
    const QString key = QStringLiteral("lodestone/%1/%2/%3x%4")
                            .arg(name, colour.name(QColor::HexArgb))
                            .arg(size.width())
                            .arg(size.height());
    QPixmap pixmap;
    if (QPixmapCache::find(key, &pixmap))
        return pixmap;
    QFile file(QStringLiteral(":/icons/%1.svg").arg(name));
    pixmap = QPixmap(size);
    pixmap.fill(Qt::transparent);
    if (file.open(QIODevice::ReadOnly)) {
        QSvgRenderer renderer(file.readAll().replace("currentColor", colour.name().toLatin1()));
        QPainter painter(&pixmap);
        painter.setOpacity(colour.alphaF());
        renderer.render(&painter, QRectF(QPointF(), QSizeF(size)));
    }
    QPixmapCache::insert(key, pixmap);
    return pixmap;
}

class LineIcon : public QIconEngine {
public:
    LineIcon(QString name, QString severity) : m_name(std::move(name)), m_severity(std::move(severity)) {}
    QIconEngine* clone() const override { return new LineIcon(*this); }
    QPixmap pixmap(const QSize& size, QIcon::Mode mode, QIcon::State) override
    {
        const QPalette palette = QApplication::palette();
        QColor colour = m_severity.isEmpty() ? palette.color(QPalette::Active, QPalette::ButtonText)
                                             : severityColour(m_severity, palette);
        if (mode == QIcon::Selected && m_severity.isEmpty())
            colour = palette.color(QPalette::HighlightedText);
        if (mode == QIcon::Disabled)
            colour.setAlphaF(0.4F);
        return drawn(m_name, colour, size);
    }
    void paint(QPainter* painter, const QRect& rect, QIcon::Mode mode, QIcon::State state) override
    {
        const qreal ratio = painter->device()->devicePixelRatioF();
        painter->drawPixmap(rect, pixmap((QSizeF(rect.size()) * ratio).toSize(), mode, state));
    }

private:
    QString m_name, m_severity;
};

bool dark(const QPalette& palette)
{
    return palette.color(QPalette::Window).lightness() < palette.color(QPalette::WindowText).lightness();
}

} // namespace

std::optional<Theme> themeFromName(const QString& name)
{
    for (const Theme theme : {Theme::System, Theme::Light, Theme::Dark})
        if (themeName(theme) == name)
            return theme;
    return std::nullopt;
}

QString themeName(Theme theme)
{
    return theme == Theme::Light  ? QStringLiteral("light")
           : theme == Theme::Dark ? QStringLiteral("dark")
                                  : QStringLiteral("system");
}

void applyTheme(QApplication& application, Theme theme)
{
    loadResources();
    // Qt 6.4 does not tell whether the desktop is dark: its palette before ours does.
    static const bool desktopIsDark = dark(QApplication::palette());
    application.setStyle(new Style);
    const bool useDark = theme == Theme::Dark || (theme == Theme::System && desktopIsDark);
    QApplication::setPalette(makePalette(useDark ? darkColours : lightColours));
    application.setStyleSheet(QLatin1String(styleSheet)); // set again: it is resolved against the palette
}

QIcon icon(const QString& name)
{
    return QIcon(new LineIcon(name, {}));
}

QIcon severityIcon(const QString& level)
{
    return QIcon(new LineIcon(level, level));
}

QColor severityColour(const QString& level, const QPalette& palette)
{
    const bool onDark = dark(palette);
    if (level == QLatin1String("error"))
        return QColor(onDark ? "#f0857d" : "#b3261e");
    if (level == QLatin1String("warning"))
        return QColor(onDark ? "#e5b454" : "#8f5a00");
    if (level == QLatin1String("check"))
        return QColor(onDark ? "#73c48f" : "#23734a");
    return palette.color(QPalette::Link);
}

} // namespace lodestone::gui
