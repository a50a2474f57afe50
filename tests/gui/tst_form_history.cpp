#include "training/config_form.h"
#include "training/form_history.h"

#include <QtGui/QUndoStack>
#include <QtTest/QtTest>
#include <QtWidgets/QApplication>
#include <QtWidgets/QComboBox>
#include <QtWidgets/QSpinBox>

using namespace lodestone;
using namespace lodestone::gui;

class TestFormHistory : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void oneStepAField();
    void whatTheProgramFillsInIsNoStep();
    void undoneEditsCanBeFollowedByOthers();

private:
    static std::string text(const ConfigForm& form)
    {
        RunConfig config = form.config();
        config.model = std::string(1, '-');
        config.data.train = {"-"};
        return toJson(config).dump();
    }
};

void TestFormHistory::oneStepAField()
{
    ConfigForm form;
    QUndoStack stack;
    FormHistory history(form, stack, &form);
    const std::string start = text(form);
    auto* epochs = form.findChild<QSpinBox*>("epochs");
    auto* kind = form.findChild<QComboBox*>("kind");
    epochs->setValue(7);
    epochs->setValue(77); // typed on
    QCOMPARE(stack.count(), 1);
    const std::string typed = text(form);
    const int first = kind->currentIndex();
    kind->setCurrentIndex(first == 0 ? 1 : 0); // takes the method's optimiser with it
    QCOMPARE(stack.count(), 2);
    const std::string changed = text(form);
    QVERIFY(changed != typed);
    stack.undo();
    QCOMPARE(text(form), typed);
    QCOMPARE(kind->currentIndex(), first);
    stack.undo();
    QCOMPARE(text(form), start);
    stack.redo();
    stack.redo();
    QCOMPARE(text(form), changed);
}

void TestFormHistory::whatTheProgramFillsInIsNoStep()
{
    ConfigForm form;
    QUndoStack stack;
    FormHistory history(form, stack, &form);
    RunConfig config;
    config.epochs = 12;
    history.withoutStep([&] { form.setConfig(config); });
    QCOMPARE(stack.count(), 0);
    auto* epochs = form.findChild<QSpinBox*>("epochs");
    epochs->setValue(13);
    stack.undo();
    QCOMPARE(epochs->value(), 12); // not what was there before the program
}

void TestFormHistory::undoneEditsCanBeFollowedByOthers()
{
    ConfigForm form;
    QUndoStack stack;
    FormHistory history(form, stack, &form);
    auto* epochs = form.findChild<QSpinBox*>("epochs");
    epochs->setValue(10);
    stack.undo();
    epochs->setValue(20);
    QCOMPARE(stack.count(), 1);
    stack.undo();
    QCOMPARE(epochs->value(), RunConfig().epochs);
    stack.redo();
    QCOMPARE(epochs->value(), 20);
}

QTEST_MAIN(TestFormHistory)
#include "tst_form_history.moc"
