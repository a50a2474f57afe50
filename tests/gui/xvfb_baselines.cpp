#include "shell/theme.h"
#include "structure/structure_page.h"
#include "structure/viewport.h"
#include "widgets/heat_map.h"
#include "widgets/plot.h"

#include <QtCore/QDir>
#include <QtCore/QTemporaryDir>
#include <QtTest/QtTest>
#include <QtWidgets/QApplication>
#include <cmath>

using namespace lodestone;
using namespace lodestone::gui;

/// Pictures of the 3D view and of the charts against those in tests/gui/baselines, light and dark; ctest runs
/// it at one and at two device pixels a pixel. `cmake --build BUILD --target update-baselines` takes them
/// anew: look at what changed before committing.
class TestBaselines : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase();
    void pictures_data();
    void pictures();
    void differencesAreSeen();

private:
    struct Difference {
        double mean = 0;  ///< of all channels, 0..255
        double share = 0; ///< of pixels that differ clearly
    };
    static Difference compare(const QImage& a, const QImage& b);
    QImage structure();
    static QImage curves();
    static QImage parity();
    static QImage map();
    static QImage shown(QWidget& widget);
    QTemporaryDir m_folder;
};

namespace {

// Smoothed edges and fonts differ from one version of the drawing libraries to the next.
constexpr double mostMean = 2.5, mostShare = 0.02;
constexpr int clearly = 60; // sum of the differences of the three channels

} // namespace

void TestBaselines::initTestCase()
{
    // Ferrimagnetic layers with canted moments: arrows of both directions, bonds between two elements.
    QFile file(m_folder.filePath("layers.extxyz"));
    QVERIFY(file.open(QIODevice::WriteOnly));
    QTextStream text(&file);
    text << "16\nLattice=\"8.2 0 0 0 8.2 0 0 0 4.1\" Properties=species:S:1:pos:R:3:magmoms:R:3 pbc=\"T T "
            "T\"\n";
    for (int i = 0; i < 16; ++i) {
        const double x = 2.05 * (i % 4), y = 2.05 * (i / 4);
        const bool oxygen = (i + i / 4) % 2;
        const double sign = i / 4 % 2 ? -1 : 1;
        text << (oxygen ? "O " : "Fe ") << x << ' ' << y << " 1.0 " << (oxygen ? 0 : 0.6 * sign) << " 0 "
             << (oxygen ? 0 : 2.0 * sign) << '\n';
    }
}

QImage TestBaselines::shown(QWidget& widget)
{
    widget.resize(420, 300);
    widget.show();
    if (!QTest::qWaitForWindowExposed(&widget))
        return {};
    QTest::qWait(300); // charts redraw by timer
    return widget.grab().toImage();
}

QImage TestBaselines::structure()
{
    Session session;
    StructurePage page(session, nullptr);
    page.resize(900, 560);
    page.show();
    session.openData({m_folder.filePath("layers.extxyz")});
    auto* viewport = page.findChild<Viewport*>();
    if (!QTest::qWaitFor([&] { return session.data() && viewport->positionOf(0) != QPointF(); }, 30000))
        return {};
    QTest::qWait(500);
    return viewport->renderImage(1, false);
}

QImage TestBaselines::curves()
{
    Plot plot;
    plot.setTitles("Validation error", "step", "MAE (eV/\u00c5)");
    plot.setLogY(true);
    std::vector<double> x, a, b;
    for (int i = 0; i <= 200; ++i) {
        x.push_back(i);
        a.push_back(0.4 * std::exp(-0.02 * i) + 0.03 + 0.01 * std::sin(i));
        b.push_back(i % 50 == 20 ? NAN : 0.3 * std::exp(-0.01 * i) + 0.06);
    }
    plot.setSeries("forces", x, a, Plot::Style::Line, 0.6);
    plot.setSeries("moments", x, b);
    plot.fitAll();
    return shown(plot);
}

QImage TestBaselines::parity()
{
    Plot plot;
    plot.setTitles("Forces", "label (eV/\u00c5)", "predicted (eV/\u00c5)");
    plot.setDiagonal(true);
    std::vector<double> label, base, tuned;
    for (int i = 0; i < 150; ++i) {
        const double f = 3 * std::sin(1.7 * i);
        label.push_back(f);
        base.push_back(0.7 * f + 0.4 * std::cos(3.1 * i));
        tuned.push_back(f + 0.1 * std::cos(2.3 * i));
    }
    plot.setSeries("base", label, base, Plot::Style::Points);
    plot.setSeries("tuned", label, tuned, Plot::Style::Points);
    plot.fitAll();
    return shown(plot);
}

QImage TestBaselines::map()
{
    HeatMap map;
    HeatMap::Data data;
    data.rows = {"layer_0/linear_1", "layer_0/linear_2", "layer_1/linear_1", "layer_1/linear_2"};
    data.columns = {"l = 0", "l = 1", "l = 2"};
    data.rowCount = 4;
    data.columnCount = 3;
    for (int i = 0; i < 12; ++i)
        data.values.push_back(i == 2 ? NAN : 0.09 * i);
    data.title = "Changed weights";
    data.scaleTitle = "changed / eligible";
    map.setData(data);
    return shown(map);
}

TestBaselines::Difference TestBaselines::compare(const QImage& a, const QImage& b)
{
    if (a.size() != b.size() || a.isNull())
        return {255, 1};
    double sum = 0;
    int far = 0;
    for (int y = 0; y < a.height(); ++y)
        for (int x = 0; x < a.width(); ++x) {
            const QRgb c = a.pixel(x, y), d = b.pixel(x, y);
            const int difference =
                std::abs(qRed(c) - qRed(d)) + std::abs(qGreen(c) - qGreen(d)) + std::abs(qBlue(c) - qBlue(d));
            sum += difference / 3.0;
            far += difference > clearly;
        }
    const double pixels = double(a.width()) * a.height();
    return {sum / pixels, far / pixels};
}

void TestBaselines::pictures_data()
{
    QTest::addColumn<QString>("what");
    QTest::addColumn<QString>("theme");
    for (const char* what : {"structure", "curves", "parity", "map"})
        for (const char* theme : {"light", "dark"})
            QTest::addRow("%s %s", what, theme) << what << theme;
}

void TestBaselines::pictures()
{
    QFETCH(QString, what);
    QFETCH(QString, theme);
    applyTheme(*qApp, theme == "dark" ? Theme::Dark : Theme::Light);
    if (what == "structure") {
        const std::unique_ptr<Viewport> probe(makeViewport(nullptr));
        if (probe->isPlaceholder())
            QSKIP("No OpenGL here: the 3D view cannot be drawn.");
    }
    const QImage now = (what == "structure" ? structure()
                        : what == "curves"  ? curves()
                        : what == "parity"  ? parity()
                                            : map())
                           .convertToFormat(QImage::Format_RGB32);
    QVERIFY(!now.isNull());
    const QString name = QStringLiteral("%1-%2-%3x.png").arg(what, theme).arg(qApp->devicePixelRatio());
    const QString baseline = QStringLiteral(LODESTONE_SOURCE "/tests/gui/baselines/") + name;
    if (qEnvironmentVariableIsSet("LODESTONE_UPDATE_BASELINES")) {
        QVERIFY(QDir().mkpath(QFileInfo(baseline).path()) && now.save(baseline));
        return;
    }
    const QImage before = QImage(baseline).convertToFormat(QImage::Format_RGB32);
    QVERIFY2(!before.isNull(), qPrintable("there is no " + baseline));
    const Difference difference = compare(now, before);
    const QString artifacts = QStringLiteral(LODESTONE_BIN "/../artifacts/baselines");
    QVERIFY(QDir().mkpath(artifacts) && now.save(artifacts + "/" + name));
    QVERIFY2(difference.mean <= mostMean && difference.share <= mostShare,
             qPrintable(QString("mean difference %1, %2 % of the pixels differ clearly: see %3/%4")
                            .arg(difference.mean)
                            .arg(100 * difference.share)
                            .arg(artifacts, name)));
}

/// The tolerance lets a lost series or arrow through? It must not.
void TestBaselines::differencesAreSeen()
{
    applyTheme(*qApp, Theme::Light);
    const QImage whole = curves().convertToFormat(QImage::Format_RGB32);
    Plot plot;
    plot.setTitles("Validation error", "step", "MAE (eV/\u00c5)");
    plot.setLogY(true);
    plot.setSeries("forces", {0, 200}, {0.4, 0.03});
    plot.fitAll();
    const Difference other = compare(shown(plot).convertToFormat(QImage::Format_RGB32), whole);
    QVERIFY(other.mean > mostMean || other.share > mostShare);
    QCOMPARE(compare(whole, whole).mean, 0.0);
    QCOMPARE(compare(whole, whole.scaled(10, 10)).share, 1.0);
}

int main(int argc, char** argv)
{
    qputenv("QT_XCB_GL_INTEGRATION", "xcb_glx");
    setDefaultSurfaceFormat();
    QStandardPaths::setTestModeEnabled(true);
    QApplication application(argc, argv);
    QLocale::setDefault(QLocale(QLocale::English));
    TestBaselines test;
    return QTest::qExec(&test, argc, argv);
}
#include "xvfb_baselines.moc"
