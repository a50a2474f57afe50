#include "structure/structure_page.h"
#include "structure/viewport.h"
#include "support/shared_data.h"

#include <QtCore/QTemporaryDir>
#include <QtGui/QAction>
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

/// A rod of `count` iron atoms along a long cell.
QByteArray longCell(int count)
{
    QByteArray text = QByteArray::number(count) + "\nLattice=\"" + QByteArray::number(2.5 * count) +
                      " 0 0 0 4 0 0 0 4\" Properties=species:S:1:pos:R:3:magmoms:R:1 pbc=\"T T T\"\n";
    for (int n = 0; n < count; ++n)
        text += "Fe " + QByteArray::number(2.5 * n) + (n % 2 ? " 0 0 -2.2\n" : " 0 0 2.2\n");
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

/// The smallest rectangle with everything that is drawn, but for the triad in the lower left corner.
QRect extent(const QImage& image, const QColor& ground)
{
    QRect result;
    for (int y = 0; y < image.height(); ++y)
        for (int x = 0; x < image.width(); ++x)
            if (image.pixelColor(x, y) != ground && !(x < 140 && y > image.height() - 140))
                result |= QRect(x, y, 1, 1);
    return result;
}

/// Pixels that differ clearly; smoothed edges may change a little with the clipping planes.
int differing(const QImage& a, const QImage& b)
{
    if (a.size() != b.size())
        return a.width() * a.height();
    int result = 0;
    for (int y = 0; y < a.height(); ++y)
        for (int x = 0; x < a.width(); ++x) {
            const QColor c = a.pixelColor(x, y), d = b.pixelColor(x, y);
            result += std::abs(c.red() - d.red()) + std::abs(c.green() - d.green()) +
                          std::abs(c.blue() - d.blue()) >
                      60;
        }
    return result;
}

QPalette dark()
{
    QPalette palette;
    palette.setColor(QPalette::Window, QColor(45, 47, 51));
    palette.setColor(QPalette::WindowText, QColor(230, 230, 230));
    palette.setColor(QPalette::Base, QColor(30, 31, 34));
    palette.setColor(QPalette::AlternateBase, QColor(40, 41, 45));
    palette.setColor(QPalette::Text, QColor(230, 230, 230));
    palette.setColor(QPalette::Button, QColor(55, 57, 62));
    palette.setColor(QPalette::ButtonText, QColor(230, 230, 230));
    palette.setColor(QPalette::Light, QColor(80, 82, 88));
    palette.setColor(QPalette::Dark, QColor(20, 20, 22));
    palette.setColor(QPalette::Highlight, QColor(53, 132, 228));
    palette.setColor(QPalette::HighlightedText, Qt::white);
    palette.setColor(QPalette::ToolTipBase, QColor(55, 57, 62));
    palette.setColor(QPalette::ToolTipText, QColor(230, 230, 230));
    return palette;
}

} // namespace

/// The real page in a real window, with VTK; needs an X display with OpenGL.
class XvfbStructure : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase();
    void showsAtomsAndArrows();
    void arrowsOff();
    void clickChoosesAtom();
    void clicksMeasure();
    void dragDoesNotChoose();
    void frameSlider();
    void cameraPresets();
    void darkPalette();
    void exportPicture();
    void noncollinearNickelOxide();
    void manyAtoms();
    void anotherWindow();
    void fitsWheneverItsSizeChanges();

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

void XvfbStructure::arrowsOff()
{
    Window window;
    QVERIFY(open(window.session, m_iron, 3));
    const Count before = count(window.picture(), window.ground());
    for (QCheckBox* check : window.page.findChildren<QCheckBox*>())
        if (check->text() == QStringLiteral("Show arrows"))
            check->click();
    const Count after = count(window.picture(), window.ground());
    QVERIFY2(
        after.red < before.red / 4 && after.blue < before.blue / 4,
        qPrintable(QStringLiteral("%1 %2").arg(after.red).arg(after.blue))); // the triad has both colours
    QVERIFY(after.different < before.different);
}

void XvfbStructure::clickChoosesAtom()
{
    Window window;
    QVERIFY(open(window.session, m_iron, 3));
    const QImage before = window.picture();
    QWidget* canvas = window.page.viewport()->focusProxy();
    QVERIFY(canvas);
    window.session.setAtom(-1);
    // From the corner these atoms are not hidden by others.
    for (int atom : {15, 13}) {
        QTest::mouseClick(canvas, Qt::LeftButton, {}, window.page.viewport()->positionOf(atom).toPoint());
        QCOMPARE(window.session.atom(), atom);
    }
    const QImage chosen = window.picture();
    QVERIFY(differing(chosen, before) > 500); // a rim shows which one
    keep(window.page.grab(), QStringLiteral("iron-chosen"));
    QTest::mouseClick(canvas, Qt::LeftButton, {}, QPoint(3, 3));
    QCOMPARE(window.session.atom(), -1);
    QVERIFY2(differing(window.picture(), before) < 300, "the rim is gone");
}

void XvfbStructure::clicksMeasure()
{
    Window window;
    QVERIFY(open(window.session, m_iron, 3));
    const QImage before = window.picture();
    QWidget* canvas = window.page.viewport()->focusProxy();
    for (QAction* action : window.page.findChildren<QAction*>())
        if (action->text() == QLatin1String("Measure"))
            action->trigger();
    const auto& atoms = window.session.data()->frames[0].structure.positions;
    const auto click = [&](int atom) {
        QTest::mouseClick(canvas, Qt::LeftButton, {}, window.page.viewport()->positionOf(atom).toPoint());
    };
    click(15);
    click(13);
    const double distance = norm(atoms[13] - atoms[15]);
    QVERIFY2(window.page.statusText().contains(QStringLiteral("%1 \u00c5").arg(distance, 0, 'f', 3)),
             qPrintable(window.page.statusText()));
    QVERIFY(differing(window.picture(), before) > 200); // a line and its text
    keep(window.page.grab(), QStringLiteral("iron-measured"));
    window.session.setFrame(1); // the same atoms elsewhere
    const auto& moved = window.session.data()->frames[1].structure.positions;
    QTRY_VERIFY(window.page.statusText().contains(
        QStringLiteral("%1 \u00c5").arg(norm(moved[13] - moved[15]), 0, 'f', 3)));
}

void XvfbStructure::dragDoesNotChoose()
{
    Window window;
    QVERIFY(open(window.session, m_iron, 3));
    const QImage before = window.picture();
    QWidget* canvas = window.page.viewport()->focusProxy();
    const QPoint start = window.page.viewport()->positionOf(15).toPoint();
    QTest::mousePress(canvas, Qt::LeftButton, {}, start);
    for (int step = 1; step <= 10; ++step)
        QTest::mouseMove(canvas, start + QPoint(6 * step, 3 * step));
    QTest::mouseRelease(canvas, Qt::LeftButton, {}, start + QPoint(60, 30));
    QCOMPARE(window.session.atom(), -1);
    QVERIFY(differing(window.picture(), before) > 5000); // turned
    const QPoint there = window.page.viewport()->positionOf(15).toPoint();
    QVERIFY((there - start).manhattanLength() > 5);
}

void XvfbStructure::frameSlider()
{
    Window window;
    QVERIFY(open(window.session, m_iron, 3));
    const QImage first = window.picture();
    QSlider* slider = nullptr;
    for (QSlider* candidate : window.page.findChildren<QSlider*>())
        if (candidate->accessibleName() == QStringLiteral("Frame"))
            slider = candidate;
    QVERIFY(slider);
    QCOMPARE(slider->maximum(), 2);
    slider->setFocus();
    QTest::keyClick(slider, Qt::Key_End);
    QCOMPARE(window.session.frame(), 2);
    QVERIFY(window.page.statusText().contains(QStringLiteral("frame 3 of 3")));
    QVERIFY(differing(window.picture(), first) > 500);
    // There and back, and the camera stayed. Where other programs make drawing slow, one picture may be
    // coarser than another.
    QImage home = first;
    bool same = false;
    for (int tries = 0; tries < 20 && !same; ++tries) {
        QTest::keyClick(slider, Qt::Key_End);
        QTest::keyClick(slider, Qt::Key_Home);
        const QImage now = window.picture();
        same = differing(now, home) < 300;
        home = now;
    }
    QVERIFY(same);
    QCOMPARE(window.session.frame(), 0);
}

void XvfbStructure::cameraPresets()
{
    Window window;
    QVERIFY(open(window.session, m_iron, 3));
    window.picture();
    QHash<QString, QAction*> actions;
    for (QAction* action : window.page.findChildren<QAction*>())
        actions.insert(action->text(), action);
    const auto offset = [&](int from, int to) {
        return window.page.viewport()->positionOf(to) - window.page.viewport()->positionOf(from);
    };
    actions.value(QStringLiteral("Parallel"))->trigger();
    // Atoms 2, 4 and 8 are one cubic cell edge away from atom 0 along a, b and c.
    const int along[] = {2, 4, 8};
    const char* names[] = {"a", "b", "c"};
    for (int d = 0; d < 3; ++d) {
        actions.value(QLatin1String(names[d]))->trigger();
        window.picture();
        QVERIFY(offset(0, along[d]).manhattanLength() < 1);
        const QPointF right = offset(0, along[(d + 1) % 3]), up = offset(0, along[(d + 2) % 3]);
        QVERIFY(right.x() > 20 && std::abs(right.y()) < 1);
        QVERIFY(up.y() < -20 && std::abs(up.x()) < 1);
    }
    keep(window.page.grab(), QStringLiteral("iron-down-c"));
    QTest::keyClick(window.page.viewport()->focusProxy(), Qt::Key_Plus);
    const QPointF larger = offset(0, 2);
    actions.value(QStringLiteral("Fit"))->trigger();
    QVERIFY(larger.x() > offset(0, 2).x() + 1);
}

void XvfbStructure::darkPalette()
{
    const QPalette light = QApplication::palette();
    {
        Window window;
        QVERIFY(open(window.session, m_iron, 3));
        window.picture();
        QApplication::setPalette(dark()); // while it is shown
        const QImage image = window.picture();
        QCOMPARE(image.pixelColor(2, 2), dark().color(QPalette::Base));
        QCOMPARE(image.pixelColor(2, 2).alpha(), 255);
        const Count shown = count(image, window.ground());
        QVERIFY(shown.red > 400 && shown.blue > 400);
        keep(window.page.grab(), QStringLiteral("iron-dark"));
    }
    QApplication::setPalette(light);
}

void XvfbStructure::exportPicture()
{
    for (const auto& [factor, transparent] : {std::pair(2, true), std::pair(1, false)}) {
        Window window;
        QVERIFY(open(window.session, m_iron, 3));
        window.picture();
        const QString file = m_artifacts + QStringLiteral("/structure-export-%1.png").arg(factor);
        QFile::remove(file);
        QSignalSpy written(&window.page, &StructurePage::pictureWritten);
        window.page.exportPicture(file, factor, transparent);
        QVERIFY(written.wait(20000));
        const QImage image(file);
        const QSize view = window.page.viewport()->size() * window.page.devicePixelRatio();
        QCOMPARE(image.size(), view * factor);
        const QPoint corners[] = {{1, 1}, {image.width() - 2, image.height() - 2}};
        for (const QPoint& corner : corners)
            QCOMPARE(image.pixelColor(corner).alpha(), transparent ? 0 : 255);
        const Count drawn = count(image, transparent ? QColor(0, 0, 0) : window.ground());
        QVERIFY(drawn.red > 400 && drawn.blue > 400);
        // The view itself still works afterwards.
        QVERIFY(count(window.picture(), window.ground()).red > 400);
    }
}

void XvfbStructure::noncollinearNickelOxide()
{
    const std::string relative = "data/nio-noncollinear/nio_deepspin.extxyz";
    SKIP_WITHOUT_SHARED(relative);
    Window window;
    QVERIFY(open(window.session, QString::fromStdString(sharedPath(relative).string()), 151));
    QTRY_VERIFY2(window.page.statusText().contains(QStringLiteral("space group")),
                 qPrintable(window.page.statusText()));
    QVERIFY(window.page.statusText().startsWith(QStringLiteral("Ni16O16 · frame 1 of 151 · 32 atoms")) ||
            window.page.statusText().startsWith(QStringLiteral("O16Ni16 · frame 1 of 151 · 32 atoms")));
    const Count shown = count(window.picture(), window.ground());
    keep(window.page.grab(), QStringLiteral("nickel-oxide"));
    QVERIFY2(shown.different > 10000, qPrintable(QString::number(shown.different)));
    // Without the legend on the right: nothing else is blue there but the arrows and one axis of the triad.
    const QImage all = window.picture();
    const QImage left = all.copy(0, 0, all.width() * 3 / 4, all.height());
    QVERIFY2(count(left, window.ground()).blue > 250,
             qPrintable(QString::number(count(left, window.ground()).blue)));
    for (QComboBox* combo : window.page.findChildren<QComboBox*>())
        if (combo->accessibleName() == QStringLiteral("Colour by"))
            combo->setCurrentIndex(int(ArrowColour::Magnitude));
    window.picture();
    keep(window.page.grab(), QStringLiteral("nickel-oxide-magnitude"));
    window.session.setFrame(150);
    window.session.setAtom(3);
    window.picture();
    window.page.inspector()->resize(290, 330);
    keep(window.page.inspector()->grab(), QStringLiteral("inspector"));
}

void XvfbStructure::manyAtoms()
{
    // 2,744 atoms: the scene comes from a worker thread.
    const QString name = m_folder.filePath(QStringLiteral("many.extxyz"));
    QFile file(name);
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(
        "2744\nLattice=\"35 0 0 0 35 0 0 0 35\" Properties=species:S:1:pos:R:3:magmoms:R:1 pbc=\"T T T\"\n");
    for (int n = 0; n < 2744; ++n)
        file.write(QStringLiteral("Fe %1 %2 %3 %4\n")
                       .arg(2.5 * (n % 14))
                       .arg(2.5 * (n / 14 % 14))
                       .arg(2.5 * (n / 196))
                       .arg(n % 2 ? 2 : -2)
                       .toLatin1());
    file.close();
    Window window;
    QVERIFY(open(window.session, name, 1));
    QTRY_VERIFY(!window.page.viewport()->positionOf(2743).isNull());
    const Count shown = count(window.picture(), window.ground());
    QVERIFY(shown.different > 50000);
    // Back to a small frame: it is drawn at once and no late scene replaces it.
    QVERIFY(open(window.session, m_iron, 3));
    window.picture();
    QVERIFY(window.page.viewport()->positionOf(2743).isNull());
    QVERIFY(!window.page.viewport()->positionOf(15).isNull());
}

void XvfbStructure::anotherWindow()
{
    // Moving to another top-level window gives the view a new OpenGL context.
    Window window;
    QVERIFY(open(window.session, m_iron, 3));
    window.picture();
    QWidget frame;
    frame.resize(900, 600);
    window.page.setParent(&frame);
    window.page.resize(900, 600);
    frame.show();
    window.page.show();
    QVERIFY(count(window.picture(), window.ground()).red > 300);
    window.page.setParent(nullptr);
}

void XvfbStructure::fitsWheneverItsSizeChanges()
{
    const QString name = m_folder.filePath(QStringLiteral("long.extxyz"));
    QFile file(name);
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(longCell(12));
    file.close();
    Window window;
    QVERIFY(open(window.session, m_iron, 3));
    window.picture();
    window.page.hide(); // another page is in front while the data set changes
    QVERIFY(open(window.session, name, 1));
    QAction* parallel = nullptr;
    for (QAction* action : window.page.findChildren<QAction*>())
        if (action->text() == QStringLiteral("Parallel"))
            parallel = action;
    QVERIFY(parallel);
    for (const QSize size : {QSize(1100, 720), QSize(800, 720), QSize(1400, 640), QSize(1399, 640)}) {
        parallel->setChecked(size.width() == 1399);
        window.page.resize(size);
        window.page.show();
        window.picture();
        const Viewport& view = *window.page.viewport();
        const QPointF first = view.positionOf(0), last = view.positionOf(11);
        const QString where = QStringLiteral("%1 to %2 of %3 x %4")
                                  .arg(std::min(first.x(), last.x()))
                                  .arg(std::max(first.x(), last.x()))
                                  .arg(view.width())
                                  .arg(view.height());
        for (const QPointF& end : {first, last})
            QVERIFY2(QRectF(view.rect()).adjusted(8, 8, -8, -8).contains(end), qPrintable(where));
        // The picture without the legend's column fills the view in one direction and stands in its middle.
        QImage image = window.picture().scaled(view.size()); // from device pixels
        image.setDevicePixelRatio(1);
        image = image.copy(0, 0, view.width() - 160, view.height());
        const QRect drawn = extent(image, window.ground());
        QVERIFY2(drawn.width() > 0.85 * image.width() || drawn.height() > 0.85 * image.height(),
                 qPrintable(where));
        QVERIFY2(std::abs(drawn.center().y() - image.height() / 2) < 0.05 * image.height(),
                 qPrintable(where));
    }
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
