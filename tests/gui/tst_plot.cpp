#include "widgets/palette.h"
#include "widgets/plot.h"
#include "widgets/smoothing.h"

#include <QtTest/QtTest>
#include <QtWidgets/QLabel>
#include <cmath>
#include <limits>

using namespace lodestone::gui;

namespace {

constexpr double notANumber = std::numeric_limits<double>::quiet_NaN();

QPalette darkPalette()
{
    QPalette palette(QColor(45, 45, 48));
    palette.setColor(QPalette::Base, QColor(30, 30, 32));
    palette.setColor(QPalette::Text, QColor(230, 230, 230));
    return palette;
}

/// Pixels of an image within a small distance of a colour.
int countNear(const QImage& image, const QColor& colour)
{
    int n = 0;
    for (int y = 0; y < image.height(); ++y)
        for (int x = 0; x < image.width(); ++x) {
            const QColor c = image.pixelColor(x, y);
            n += std::abs(c.red() - colour.red()) + std::abs(c.green() - colour.green()) +
                     std::abs(c.blue() - colour.blue()) <
                 30;
        }
    return n;
}

} // namespace

class TestPlot : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void smoothingKeepsEndsConstantsAndLines();
    void smoothingReducesNoiseAndKeepsGaps();
    void colourTablesAreOrdered();
    void seriesAreReplacedAndCounted();
    void logAxisLeavesOutWhatHasNoLogarithm();
    void axesFitTheData();
    void parityAxesSpanTheSameRange();
    void curvesAreDrawnInLightAndDark();
    void placeholderStandsUntilThereIsData();
    void exports();
};

void TestPlot::smoothingKeepsEndsConstantsAndLines()
{
    std::vector<double> constant(101, 0.3), line;
    for (int i = 0; i <= 100; ++i)
        line.push_back(7.0 - 0.25 * i);
    for (double strength : {0.1, 0.5, 1.0}) {
        QCOMPARE(smoothed(constant, strength), constant);
        const auto s = smoothed(line, strength);
        for (std::size_t i = 0; i < line.size(); ++i)
            QVERIFY(std::abs(s[i] - line[i]) < 1e-12);
    }
    std::vector<double> noisy = line;
    noisy.front() = 100;
    noisy.back() = -100;
    QCOMPARE(smoothed(noisy, 0.7).front(), 100.0);
    QCOMPARE(smoothed(noisy, 0.7).back(), -100.0);
}

void TestPlot::smoothingReducesNoiseAndKeepsGaps()
{
    std::vector<double> y;
    for (int i = 0; i < 200; ++i)
        y.push_back(i % 2 ? 1.0 : -1.0);
    y[100] = notANumber;
    const auto s = smoothed(y, 0.5);
    QCOMPARE(smoothed(y, 0)[7], y[7]);
    QVERIFY(std::isnan(s[100]));
    QVERIFY(std::abs(s[50]) < 0.1);
    QCOMPARE(s[99], y[99]); // the ends of each run stay
    QCOMPARE(s[101], y[101]);
}

void TestPlot::colourTablesAreOrdered()
{
    QCOMPARE(sequentialColour(0), QColor(68, 1, 84));
    QCOMPARE(sequentialColour(1), QColor(253, 231, 37));
    QCOMPARE(sequentialColour(7), sequentialColour(1));
    double last = -1;
    for (int i = 0; i <= 100; ++i) { // lightness (CIE luminance) grows along the sequential map
        const QColor c = sequentialColour(i / 100.0);
        const double y = 0.2126 * std::pow(c.redF(), 2.2) + 0.7152 * std::pow(c.greenF(), 2.2) +
                         0.0722 * std::pow(c.blueF(), 2.2);
        QVERIFY2(y > last - 1e-3, qPrintable(QString::number(i)));
        last = y;
    }
    QVERIFY(divergingColour(-1).blue() > divergingColour(-1).red());
    QVERIFY(divergingColour(1).red() > divergingColour(1).blue());
    QVERIFY(divergingColour(0).lightness() > 200);
    QVERIFY(isDark(darkPalette()));
    for (int i = 0; i < 8; ++i)
        for (int j = 0; j < i; ++j)
            QVERIFY(seriesColour(i, darkPalette()) != seriesColour(j, darkPalette()));
}

void TestPlot::seriesAreReplacedAndCounted()
{
    Plot plot;
    plot.setSeries("loss", {1, 2, 3}, {4, notANumber, 5});
    plot.setSeries("rate", {1, 2}, {1, 1}, Plot::Style::Points);
    QCOMPARE(plot.pointCount(), 4);
    plot.setSeries("loss", {1, 2, 3, 4}, {4, 3, 2, 1});
    QCOMPARE(plot.seriesNames(), QStringList({"loss", "rate"}));
    QCOMPARE(plot.seriesPoints("loss"), std::vector<QPointF>({{1, 4}, {2, 3}, {3, 2}, {4, 1}}));
    plot.removeSeries("loss");
    QCOMPARE(plot.pointCount(), 2);
    plot.clear();
    QCOMPARE(plot.pointCount(), 0);
    plot.setSeries("bars", {0, 1, 2}, {5, 6, 7}, Plot::Style::Bars);
    QCOMPARE(plot.seriesPoints("bars"), std::vector<QPointF>({{0, 5}, {1, 6}, {2, 7}}));
    plot.setSeries("bars", {0, 1}, {5, 6});
    QCOMPARE(plot.seriesPoints("bars").size(), std::size_t(2));
}

void TestPlot::logAxisLeavesOutWhatHasNoLogarithm()
{
    Plot plot;
    plot.setSeries("loss", {0, 1, 2, 3}, {1e-3, 0, -1, 1e2});
    plot.setLogY(true);
    QCOMPARE(plot.seriesPoints("loss"), std::vector<QPointF>({{0, 1e-3}, {3, 1e2}}));
    QVERIFY(plot.visibleRange().top() > 0);
    plot.setLogX(true);
    QCOMPARE(plot.seriesPoints("loss").size(), std::size_t(1));
    plot.setLogX(false);
    plot.setLogY(false);
    QCOMPARE(plot.seriesPoints("loss").size(), std::size_t(4));
}

void TestPlot::axesFitTheData()
{
    Plot plot;
    plot.resize(400, 300);
    plot.setSeries("a", {10, 20, 30}, {-5, 0, 5});
    QRectF range = plot.visibleRange();
    QVERIFY(range.left() < 10 && range.left() > 8);
    QVERIFY(range.right() > 30 && range.right() < 32);
    QVERIFY(range.top() < -5 && range.bottom() > 5 && range.bottom() < 6);
    plot.setSeries("a", {10, 20, 30, 100}, {-5, 0, 5, 50}); // live curves grow
    QVERIFY(plot.visibleRange().right() > 100);
    QTest::keyClick(&plot, Qt::Key_Plus);
    const double zoomed = plot.visibleRange().right();
    plot.setSeries("a", {10, 1000}, {1, 2}); // a range chosen by hand stays
    QCOMPARE(plot.visibleRange().right(), zoomed);
    QTest::keyClick(&plot, Qt::Key_Home);
    QVERIFY(plot.visibleRange().right() > 1000);
    plot.setSeries("a", {1, 2}, {3, 3}); // a constant has a range as well
    QVERIFY(plot.visibleRange().height() > 0);
}

void TestPlot::parityAxesSpanTheSameRange()
{
    Plot plot;
    plot.setDiagonal(true);
    plot.setSeries("tuned", {0, 10}, {-3, 4}, Plot::Style::Points);
    const QRectF range = plot.visibleRange();
    QCOMPARE(range.left(), range.top());
    QCOMPARE(range.right(), range.bottom());
}

void TestPlot::curvesAreDrawnInLightAndDark()
{
    for (const bool dark : {false, true}) {
        Plot plot;
        if (dark)
            plot.setPalette(darkPalette());
        plot.resize(420, 300);
        std::vector<double> x, y;
        for (int i = 0; i < 100; ++i) {
            x.push_back(i);
            y.push_back(std::sin(i / 10.0));
        }
        plot.setTitles("Loss", "step", "eV");
        plot.setSeries("sine", x, y);
        plot.setSeries("grey", x, std::vector<double>(100, 0.0));
        plot.setLook("grey", {-2, true, 0});
        plot.show();
        QVERIFY(QTest::qWaitForWindowExposed(&plot));
        QTRY_VERIFY(countNear(plot.grab().toImage(), seriesColour(0, plot.palette())) > 200);
        const QImage image = plot.grab().toImage();
        QCOMPARE(isDark(plot.palette()), dark);
        QCOMPARE(image.pixelColor(3, image.height() - 3).lightness() < 128, dark);
    }
}

void TestPlot::placeholderStandsUntilThereIsData()
{
    Plot plot;
    plot.setPlaceholder("No run is open.");
    plot.resize(300, 200);
    plot.show();
    const auto visibleText = [&plot] {
        for (QLabel* label : plot.findChildren<QLabel*>())
            if (label->isVisible())
                return label->text();
        return QString();
    };
    QCOMPARE(visibleText(), QString("No run is open."));
    plot.setSeries("a", {1}, {notANumber});
    QCOMPARE(visibleText(), QString("No run is open."));
    plot.setSeries("a", {1}, {1});
    QCOMPARE(visibleText(), QString());
}

void TestPlot::exports()
{
    QTemporaryDir folder;
    Plot plot;
    plot.setPalette(darkPalette());
    plot.setSeries("force, base", {1, 2}, {0.5, 0.25});
    for (const char* name : {"a.png", "a.svg", "a.pdf", "a.csv"})
        QVERIFY2(plot.exportTo(folder.filePath(name)), name);
    QFile csv(folder.filePath("a.csv"));
    QVERIFY(csv.open(QIODevice::ReadOnly));
    QCOMPARE(csv.readAll(), QByteArray("series,x,y\n\"force, base\",1,0.5\n\"force, base\",2,0.25\n"));
    const QImage image(folder.filePath("a.png"));
    QCOMPARE(image.pixelColor(2, 2), QColor(Qt::white)); // figures are for paper
    QVERIFY(countNear(image, seriesColour(0, QPalette(Qt::white))) > 100);
    QFile svg(folder.filePath("a.svg"));
    QVERIFY(svg.open(QIODevice::ReadOnly) && svg.readAll().contains("polyline"));
    QFile pdf(folder.filePath("a.pdf"));
    QVERIFY(pdf.open(QIODevice::ReadOnly) && pdf.read(5) == "%PDF-");
    QVERIFY(!plot.exportTo(folder.filePath("a.xyz")));
    QVERIFY(!plot.exportTo("/nowhere/a.csv"));
}

QTEST_MAIN(TestPlot)
#include "tst_plot.moc"
