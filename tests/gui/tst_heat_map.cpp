#include "widgets/heat_map.h"
#include "widgets/palette.h"

#include <QtTest/QtTest>
#include <cmath>
#include <limits>

using namespace lodestone::gui;

namespace {

constexpr double notANumber = std::numeric_limits<double>::quiet_NaN();

HeatMap::Data small()
{
    HeatMap::Data data;
    data.rows = QStringList{"layer_0/linear_1", "layer_0/linear_2"};
    data.columns = QStringList{"l = 0", "l = 1", "l = 2"};
    data.rowCount = 2;
    data.columnCount = 3;
    data.values = {0, 0.5, 1, 0.25, notANumber, 0.75};
    data.title = "Changed";
    data.scaleTitle = "changed / eligible";
    return data;
}

QColor centre(const QImage& image, const QRect& rect)
{
    return image.pixelColor(rect.left() + 4, rect.top() + 4);
}

} // namespace

class TestHeatMap : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void cellsHaveTheColoursOfTheirValues();
    void divergingScaleIsSymmetric();
    void logScale();
    void clicksAndHover();
    void keyboard();
    void largeMatricesAreDrawnCellByCell();
    void exports();
    void placeholder();
};

void TestHeatMap::cellsHaveTheColoursOfTheirValues()
{
    HeatMap map;
    map.resize(600, 300);
    map.setData(small());
    const QImage image = map.grab().toImage();
    QCOMPARE(centre(image, map.cellRect(0, 0)), sequentialColour(0));
    QCOMPARE(centre(image, map.cellRect(0, 1)), sequentialColour(0.5));
    QCOMPARE(centre(image, map.cellRect(0, 2)), sequentialColour(1));
    QCOMPARE(centre(image, map.cellRect(1, 2)), sequentialColour(0.75));
    // No value: the ground with hatching, so more than one colour and none of the map.
    const QRect empty = map.cellRect(1, 1).adjusted(3, 3, -3, -3);
    QSet<QRgb> colours;
    for (int y = empty.top(); y < empty.bottom(); ++y)
        for (int x = empty.left(); x < empty.right(); ++x)
            colours.insert(image.pixel(x, y));
    QVERIFY(colours.size() >= 2);
    QVERIFY(colours.contains(map.palette().color(QPalette::Base).rgb()));
}

void TestHeatMap::divergingScaleIsSymmetric()
{
    HeatMap map;
    map.resize(500, 300);
    HeatMap::Data data = small();
    data.values = {-1, 0, 3, 1, 2, -3};
    data.diverging = true;
    data.low = data.high = 0;
    map.setData(data);
    const QImage image = map.grab().toImage();
    QCOMPARE(centre(image, map.cellRect(0, 1)), divergingColour(0));
    QCOMPARE(centre(image, map.cellRect(0, 2)), divergingColour(1));
    QCOMPARE(centre(image, map.cellRect(1, 2)), divergingColour(-1));
}

void TestHeatMap::logScale()
{
    HeatMap map;
    map.resize(500, 300);
    HeatMap::Data data = small();
    data.values = {1e-4, 1e-2, 1, 0, notANumber, 1e-3};
    data.logScale = true;
    data.low = data.high = 0;
    map.setData(data);
    const QImage image = map.grab().toImage();
    QCOMPARE(centre(image, map.cellRect(0, 0)), sequentialColour(0));
    QCOMPARE(centre(image, map.cellRect(0, 1)), sequentialColour(0.5));
    QCOMPARE(centre(image, map.cellRect(0, 2)), sequentialColour(1));
    QCOMPARE(centre(image, map.cellRect(1, 0)), sequentialColour(0));
}

void TestHeatMap::clicksAndHover()
{
    HeatMap map;
    map.resize(600, 300);
    map.setData(small());
    map.show();
    QSignalSpy clicked(&map, &HeatMap::cellClicked), hovered(&map, &HeatMap::cellHovered);
    QTest::mouseClick(&map, Qt::LeftButton, {}, map.cellRect(1, 2).center());
    QCOMPARE(clicked.size(), 1);
    QCOMPARE(clicked[0][0].toInt(), 1);
    QCOMPARE(clicked[0][1].toInt(), 2);
    QVERIFY(!hovered.isEmpty());
    QTest::mouseClick(&map, Qt::LeftButton, {}, QPoint(2, 2)); // outside the cells
    QCOMPARE(clicked.size(), 1);
    QVERIFY(map.cellRect(2, 0).isNull());
}

void TestHeatMap::keyboard()
{
    HeatMap map;
    map.resize(600, 300);
    map.setData(small());
    map.show();
    QSignalSpy clicked(&map, &HeatMap::cellClicked);
    QTest::keyClick(&map, Qt::Key_Return);
    QCOMPARE(clicked.size(), 0);
    QTest::keyClick(&map, Qt::Key_Right); // shows the first cell
    QTest::keyClick(&map, Qt::Key_Right);
    QTest::keyClick(&map, Qt::Key_Down);
    QTest::keyClick(&map, Qt::Key_Down); // the edge holds
    QTest::keyClick(&map, Qt::Key_Return);
    QCOMPARE(clicked.size(), 1);
    QCOMPARE(clicked[0][0].toInt(), 1);
    QCOMPARE(clicked[0][1].toInt(), 1);
    QVERIFY(map.accessibleDescription().contains("layer_0/linear_2"));
    QVERIFY(map.accessibleDescription().contains("no value"));
}

void TestHeatMap::largeMatricesAreDrawnCellByCell()
{
    HeatMap map;
    map.resize(620, 460);
    HeatMap::Data data;
    data.rowCount = 200;
    data.columnCount = 100;
    data.values.assign(20000, 0.0);
    data.values[150 * 100 + 30] = 1;
    map.setData(data);
    const QImage image = map.grab().toImage();
    QCOMPARE(image.pixelColor(map.cellRect(150, 30).center()), sequentialColour(1));
    QCOMPARE(image.pixelColor(map.cellRect(20, 80).center()), sequentialColour(0));
    // Far more cells than pixels: a bright column does not vanish.
    data.rowCount = 100;
    data.columnCount = 3000;
    data.values.assign(300000, 0.0);
    for (int r = 0; r < 100; ++r)
        for (int c = 1500; c < 1510; ++c)
            data.values[std::size_t(r * 3000 + c)] = 1;
    map.setData(data);
    QVERIFY(map.grab().toImage().pixelColor(map.cellRect(50, 1505).center()).green() > 100);
}

void TestHeatMap::exports()
{
    QTemporaryDir folder;
    HeatMap map;
    map.setData(small());
    for (const char* name : {"a.png", "a.svg", "a.pdf", "a.csv"})
        QVERIFY2(map.exportTo(folder.filePath(name)), name);
    QFile csv(folder.filePath("a.csv"));
    QVERIFY(csv.open(QIODevice::ReadOnly));
    QCOMPARE(csv.readAll(), QByteArray("changed / eligible,l = 0,l = 1,l = 2\n"
                                       "layer_0/linear_1,0,0.5,1\nlayer_0/linear_2,0.25,,0.75\n"));
    QVERIFY(QImage(folder.filePath("a.png")).width() >= 960);
    QVERIFY(!map.exportTo(folder.filePath("a.unknown")));
}

void TestHeatMap::placeholder()
{
    HeatMap map;
    map.resize(300, 200);
    const QImage before = map.grab().toImage();
    map.setPlaceholder("Nothing has changed yet.");
    QVERIFY(map.grab().toImage() != before);
    QVERIFY(map.cellRect(0, 0).isNull());
    QTest::mouseClick(&map, Qt::LeftButton, {}, QPoint(100, 100)); // must not fail without cells
}

QTEST_MAIN(TestHeatMap)
#include "tst_heat_map.moc"
