#include "structure/detail.h"

#include <QtTest/QtTest>

using namespace lodestone::gui;

class TestDetail : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void smallScenesAreAlwaysFine();
    void slowMachinesMoveCoarsely();
    void fastOnesDoNot();
    void oneSlowPictureIsForgotten();

private:
    const std::vector<double> m_large = {3e6, 1.2e6, 6e5};
};

void TestDetail::smallScenesAreAlwaysFine()
{
    const DetailChooser chooser;
    QCOMPARE(chooser.choose({2e4, 1e4, 5e3}, DetailChooser::movingBudget).level, std::size_t(0));
    QVERIFY(chooser.choose({2e4, 1e4, 5e3}, DetailChooser::movingBudget).smooth);
    QCOMPARE(chooser.choose({}, DetailChooser::movingBudget).level, std::size_t(0));
}

void TestDetail::slowMachinesMoveCoarsely()
{
    DetailChooser chooser;
    for (int i = 0; i < 8; ++i) {
        chooser.took(600, 3e6, true);  // 2e-4 ms a polygon
        chooser.took(200, 3e6, false); // a third of it
    }
    const auto moving = chooser.choose(m_large, DetailChooser::movingBudget);
    QCOMPARE(moving.level, std::size_t(2)); // nothing is quick enough
    QVERIFY(!moving.smooth);
    const auto resting = chooser.choose(m_large, DetailChooser::restingBudget);
    QCOMPARE(resting.level, std::size_t(2)); // smooth edges come before many sides
    QVERIFY(resting.smooth);
    const auto quicker = chooser.choose(m_large, 90);
    QCOMPARE(quicker.level, std::size_t(1));
    QVERIFY(!quicker.smooth);
}

void TestDetail::fastOnesDoNot()
{
    DetailChooser chooser;
    for (int i = 0; i < 14; ++i)
        chooser.took(10, 3e6, true);
    QCOMPARE(chooser.choose(m_large, DetailChooser::movingBudget).level, std::size_t(0));
    chooser.took(500, 10, true); // says nothing of polygons
    QCOMPARE(chooser.choose(m_large, DetailChooser::movingBudget).level, std::size_t(0));
}

void TestDetail::oneSlowPictureIsForgotten()
{
    DetailChooser chooser;
    for (int i = 0; i < 14; ++i)
        chooser.took(10, 3e6, true);
    chooser.took(400, 3e6, true);
    QVERIFY(chooser.choose(m_large, DetailChooser::movingBudget).level > 0);
    for (int i = 0; i < 8; ++i)
        chooser.took(10, 3e6, true);
    QCOMPARE(chooser.choose(m_large, DetailChooser::movingBudget).level, std::size_t(0));
}

QTEST_APPLESS_MAIN(TestDetail)
#include "tst_detail.moc"
