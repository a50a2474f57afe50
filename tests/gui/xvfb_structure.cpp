#include "structure/structure_page.h"
#include "structure/viewport.h"
#include "support/shared_data.h"

#include <QtCore/QTemporaryDir>
#include <QtWidgets/QApplication>
#include <QtWidgets/QCheckBox>
#include <QtWidgets/QComboBox>
#include <QtWidgets/QSlider>
#include <algorithm>

using namespace lodestone;
using namespace lodestone::gui;

namespace {

/// bcc Fe, 2x2x2, the two sublattices with opposite moments along z; every frame a little larger.
QByteArray antiferromagneticIron(int frames)
{
    QByteArray text;
    for (int f = 0; f < frames; ++f) {
        const double a = 2.87 * (1 + 0.01 * f);
        const QByteArray edge = QByteArray::number(2 * a);
        text += "16\nLattice=\"" + edge + " 0 0 0 " + edge + " 0 0 0 " + edge +
                "\" Properties=species:S:1:pos:R:3:forces:R:3:magmoms:R:1 energy=-130.5 pbc=\"T T T\"\n";
        for (int n = 0; n < 16; ++n) {
            const int site = n % 2;
            for (int d = 0; d < 3; ++d)
                text += (d ? " " : "Fe ") + QByteArray::number(a * ((n >> (d + 1) & 1) + 0.5 * site));
            text += " 0.1 0 0 " + QByteArray(site ? "-2.2" : "2.2") + "\n";
        }
    }
    return text;
}

struct Count {
    int different = 0; ///< from the ground
    int red = 0, blue = 0;
};
Count count(const QImage& image, const QColor& ground)
{
    Count result;
    for (int y = 0; y < image.height(); ++y)
        for (int x = 0; x < image.width(); ++x) {
            const QColor c = image.pixelColor(x, y);
            if (std::abs(c.red() - ground.red()) + std::abs(c.green() - ground.green()) +
                    std::abs(c.blue() - ground.blue()) >
                30)
                ++result.different;
            // Shades of the arrows' red and blue; iron is orange (more green than the red of the arrows).
            if (c.red() > 90 && c.green() < c.red() * 0.33 && c.blue() < c.red() * 0.4)
                ++result.red;
            if (c.blue() > 90 && c.red() < c.blue() * 0.4 && c.green() < c.blue() * 0.62)
                ++result.blue;
        }
    return result;
}

[[maybe_unused]] QPalette darkPalette()
{
    QPalette dark;
    dark.setColor(QPalette::Window, QColor(45, 47, 51));
    dark.setColor(QPalette::WindowText, QColor(230, 230, 230));
    dark.setColor(QPalette::Base, QColor(30, 31, 34));
    dark.setColor(QPalette::AlternateBase, QColor(40, 41, 45));
    dark.setColor(QPalette::Text, QColor(230, 230, 230));
    dark.setColor(QPalette::Button, QColor(55, 57, 62));
    dark.setColor(QPalette::ButtonText, QColor(230, 230, 230));
    dark.setColor(QPalette::Light, QColor(80, 82, 88));
    dark.setColor(QPalette::Dark, QColor(20, 20, 22));
    dark.setColor(QPalette::Highlight, QColor(53, 132, 228));
    dark.setColor(QPalette::HighlightedText, Qt::white);
    dark.setColor(QPalette::ToolTipBase, QColor(55, 57, 62));
    dark.setColor(QPalette::ToolTipText, QColor(230, 230, 230));
    return dark;
}

} // namespace

/// The real page in a real window, with VTK; needs an X display with OpenGL.
class XvfbStructure : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase();
    void showsAtomsAndArrows();

private:
    struct Window {
        Session session;
        StructurePage page{session, nullptr};
        Window()
        {
            page.resize(1100, 720);
            page.show();
        }
        /// The view alone, after everything that was asked for has been drawn.
        QImage picture()
        {
            QTest::qWait(120);
            return page.viewport()->grab().toImage();
        }
        QColor ground() const { return page.palette().color(QPalette::Base); }
    };
    bool open(Session& session, const QString& file, int frames);
    void keep(const QPixmap& pixmap, const QString& name);

    QTemporaryDir m_folder;
    QString m_iron, m_artifacts;
};

void XvfbStructure::initTestCase()
{
    if (!canShowViewport())
        QSKIP("no X display with OpenGL 3.2: run under xvfb-run");
    m_iron = m_folder.filePath(QStringLiteral("iron.extxyz"));
    QFile file(m_iron);
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(antiferromagneticIron(3));
    m_artifacts = qEnvironmentVariable("LODESTONE_TEST_ARTIFACTS", QStringLiteral("artifacts"));
    QVERIFY(QDir().mkpath(m_artifacts));
}

bool XvfbStructure::open(Session& session, const QString& file, int frames)
{
    session.openData({file});
    return QTest::qWaitFor([&] { return session.data() && int(session.data()->frames.size()) == frames; },
                           20000);
}

void XvfbStructure::keep(const QPixmap& pixmap, const QString& name)
{
    const QString scale = pixmap.devicePixelRatio() > 1 ? QStringLiteral("-2x") : QString();
    QVERIFY(pixmap.save(m_artifacts + QStringLiteral("/structure-") + name + scale + QStringLiteral(".png")));
}

void XvfbStructure::showsAtomsAndArrows()
{
    Window window;
    keep(window.page.grab(), QStringLiteral("empty"));
    QVERIFY(open(window.session, m_iron, 3));
    const Count shown = count(window.picture(), window.ground());
    keep(window.page.grab(), QStringLiteral("iron-light"));
    QVERIFY2(shown.different > 20000, qPrintable(QString::number(shown.different)));
    QVERIFY2(shown.red > 400, qPrintable(QString::number(shown.red)));
    QVERIFY2(shown.blue > 400, qPrintable(QString::number(shown.blue)));
}

int main(int argc, char** argv)
{
    QStandardPaths::setTestModeEnabled(true);
    setDefaultSurfaceFormat();
    QApplication application(argc, argv);
    XvfbStructure test;
    return QTest::qExec(&test, argc, argv);
}

#include "xvfb_structure.moc"
