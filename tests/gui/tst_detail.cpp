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
    QCOMPARE(chooser.choose({2e4, 1e4, 5e3}, DetailChooser::movingBudget), std::size_t(0));
    QCOMPARE(chooser.choose({}, DetailChooser::movingBudget), std::size_t(0));
}

void TestDetail::slowMachinesMoveCoarsely()
{
    DetailChooser chooser;
    for (int i = 0; i < 8; ++i)
        chooser.took(600, 3e6);                                                     // 2e-4 ms a polygon
    QCOMPARE(chooser.choose(m_large, DetailChooser::movingBudget), std::size_t(2)); // nothing is quick enough
    QCOMPARE(chooser.choose(m_large, DetailChooser::restingBudget), std::size_t(2));
    QCOMPARE(chooser.choose(m_large, 300), std::size_t(1));
}

void TestDetail::fastOnesDoNot()
{
    DetailChooser chooser;
    for (int i = 0; i < 12; ++i)
        chooser.took(10, 3e6);
    QCOMPARE(chooser.choose(m_large, DetailChooser::movingBudget), std::size_t(0));
    chooser.took(500, 10); // says nothing of polygons
    QCOMPARE(chooser.choose(m_large, DetailChooser::movingBudget), std::size_t(0));
}

void TestDetail::oneSlowPictureIsForgotten()
{
    DetailChooser chooser;
    for (int i = 0; i < 12; ++i)
        chooser.took(10, 3e6);
    chooser.took(400, 3e6);
    QVERIFY(chooser.choose(m_large, DetailChooser::movingBudget) > 0);
    for (int i = 0; i < 8; ++i)
        chooser.took(10, 3e6);
    QCOMPARE(chooser.choose(m_large, DetailChooser::movingBudget), std::size_t(0));
}

QTEST_APPLESS_MAIN(TestDetail)
#include "tst_detail.moc"
