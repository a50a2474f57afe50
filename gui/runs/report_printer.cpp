#include "runs/report_printer.h"

#include "base/files.h"
#include "engine/engine_client.h"

#include <QtCore/QFileInfo>
#include <QtCore/QProcess>
#include <QtCore/QTemporaryDir>
#include <QtGui/QAbstractTextDocumentLayout>
#include <QtGui/QImage>
#include <QtGui/QPageLayout>
#include <QtGui/QPainter>
#include <QtGui/QPdfWriter>
#include <QtGui/QTextCursor>
#include <QtGui/QTextDocument>
#include <QtGui/QTextObjectInterface>
#include <QtSvg/QSvgRenderer>

namespace lodestone::gui {

namespace {

constexpr int svgObject = QTextFormat::UserObject + 1;
constexpr int svgData = QTextFormat::UserProperty + 1;
constexpr double margin = 12;      // mm
constexpr double dotsPerInch = 96; // of the layout: CSS pixels
// The page is laid out wider than the paper (186 mm are 703 pixels) and printed smaller: on as little more
// than the least width as makes it one page, up to 0.56 times its size (text of 4.5 points).
constexpr double leastWidth = 950, mostWidth = 1250, widthStep = 25;

/// Draws the figures that stand in the text as objects.
class SvgObject : public QObject, public QTextObjectInterface {
    Q_OBJECT
    Q_INTERFACES(QTextObjectInterface)
public:
    QSizeF intrinsicSize(QTextDocument*, int, const QTextFormat& format) override
    {
        return QSvgRenderer(format.property(svgData).toByteArray()).defaultSize();
    }
    void drawObject(QPainter* painter, const QRectF& rectangle, QTextDocument*, int,
                    const QTextFormat& format) override
    {
        QSvgRenderer(format.property(svgData).toByteArray()).render(painter, rectangle);
    }
};

/// A name for each figure that stands for it until the text has been laid out in blocks.
QString placeholder(int figure)
{
    return QStringLiteral("⟦figure %1⟧").arg(figure);
}

/// Takes the SVG elements out of the page.
QList<QByteArray> takeFigures(QString& html)
{
    QList<QByteArray> figures;
    for (qsizetype begin = html.indexOf(QLatin1String("<svg ")); begin >= 0;
         begin = html.indexOf(QLatin1String("<svg "), begin)) {
        const QLatin1String close("</svg>");
        const qsizetype end = html.indexOf(close, begin);
        if (end < 0)
            break;
        const qsizetype length = end + close.size() - begin;
        figures.push_back(html.mid(begin, length).toUtf8());
        html.replace(begin, length, placeholder(int(figures.size())));
    }
    return figures;
}

/// What browsers do and QTextDocument does not: it takes rules for other media as its own, and enlarges
/// headings beyond the size that the style gives them.
void adaptStyle(QString& html)
{
    const qsizetype begin = html.indexOf(QLatin1String("/* browsers only */"));
    const qsizetype end = html.indexOf(QLatin1String("</style>"), begin);
    if (begin >= 0 && end > begin)
        html.remove(begin, end - begin);
    for (const auto& [heading, name] : {std::pair{"h1", "head"}, {"h2", "part"}}) {
        html.replace(QStringLiteral("<%1>").arg(QLatin1String(heading)),
                     QStringLiteral("<p class=\"%1\">").arg(QLatin1String(name)));
        html.replace(QStringLiteral("</%1>").arg(QLatin1String(heading)), QStringLiteral("</p>"));
    }
}

void putFigures(QTextDocument& document, const QList<QByteArray>& figures)
{
    for (int i = 0; i < figures.size(); ++i) {
        QTextCursor place = document.find(placeholder(i + 1));
        if (place.isNull())
            continue;
        QTextCharFormat format;
        format.setObjectType(svgObject);
        format.setProperty(svgData, figures[i]);
        place.insertText(QString(QChar::ObjectReplacementCharacter), format);
    }
}

/// Lays the document out for paper of this shape (height / width); on one page where that can be.
void fitToPage(QTextDocument& document, double shape)
{
    for (double width = leastWidth; width <= mostWidth; width += widthStep) {
        document.setPageSize({width, width * shape});
        if (document.pageCount() <= 1)
            return;
    }
    document.setPageSize({leastWidth, leastWidth * shape});
}

} // namespace

void printReport(const QString& html, const QString& pdf, const Watch& watch)
{
    QString text = html;
    adaptStyle(text);
    const QList<QByteArray> figures = takeFigures(text);
    QTextDocument document;
    SvgObject handler;
    // Points and pixels as on paper, whatever the screen has.
    QImage screen(1, 1, QImage::Format_RGB32);
    screen.setDotsPerMeterX(qRound(dotsPerInch / 0.0254));
    screen.setDotsPerMeterY(qRound(dotsPerInch / 0.0254));
    document.documentLayout()->setPaintDevice(&screen);
    document.documentLayout()->registerHandler(svgObject, &handler);
    document.setUndoRedoEnabled(false);
    document.setDocumentMargin(0);
    document.setHtml(text);
    putFigures(document, figures);
    watch.report(0.3);
    const QByteArray name = QFileInfo(pdf).absoluteFilePath().toUtf8();
    replaceFileAtomically(name.toStdString(), [&](const std::filesystem::path& temporary) {
        QPdfWriter writer(QString::fromStdString(temporary.string()));
        writer.setResolution(1200);
        writer.setTitle(document.metaInformation(QTextDocument::DocumentTitle));
        writer.setCreator(QStringLiteral("Lodestone"));
        writer.setPageLayout(QPageLayout(QPageSize(QPageSize::A4), QPageLayout::Portrait,
                                         QMarginsF(margin, margin, margin, margin), QPageLayout::Millimeter));
        const QSizeF paper = writer.pageLayout().paintRect(QPageLayout::Inch).size();
        fitToPage(document, paper.height() / paper.width());
        const QSizeF page = document.pageSize();
        QPainter painter;
        if (!painter.begin(&writer))
            fail("{}: cannot be written.", name.toStdString());
        const double scale = writer.resolution() * paper.width() / page.width();
        painter.scale(scale, scale);
        const int pages = document.pageCount();
        for (int i = 0; i < pages; ++i) {
            watch.report(0.3 + 0.7 * i / pages);
            if (i > 0)
                writer.newPage();
            painter.save();
            painter.translate(0, -i * page.height());
            QAbstractTextDocumentLayout::PaintContext context;
            context.clip = QRectF(0, i * page.height(), page.width(), page.height());
            context.palette.setColor(QPalette::Text, Qt::black);
            painter.setClipRect(context.clip);
            document.documentLayout()->draw(&painter, context);
            painter.restore();
        }
        if (!painter.end())
            fail("{}: cannot be written.", name.toStdString());
    });
}

void writeReport(const QString& run, const QString& out)
{
    const QString engine = findEngine();
    if (engine.isEmpty())
        fail("lodestone-engine was not found beside this program or in PATH; LODESTONE_ENGINE can name it.");
    const bool pdf = out.endsWith(QLatin1String(".pdf"), Qt::CaseInsensitive);
    const QTemporaryDir folder;
    const QString html = pdf ? folder.filePath(QStringLiteral("report.html")) : out;
    QProcess process;
    process.setProcessChannelMode(QProcess::ForwardedErrorChannel);
    process.start(engine, {QStringLiteral("report"), run, QStringLiteral("-o"), html});
    if (!process.waitForStarted() || !process.waitForFinished(-1) ||
        process.exitStatus() != QProcess::NormalExit || process.exitCode() != 0)
        fail("lodestone-engine made no report of {}.", run.toStdString());
    if (pdf)
        printReport(QString::fromStdString(readFile(html.toStdString())), out);
}

} // namespace lodestone::gui

#include "report_printer.moc"
