#pragma once
#include <QtWidgets/QLineEdit>
#include <optional>

namespace lodestone::gui {

/// A line for one real number, read and written with a decimal point whatever the locale ("1e-3", "0.05").
/// A text that is no number, or one outside the range, is marked and gives no value.
class RealEdit : public QLineEdit {
    Q_OBJECT
public:
    RealEdit(double least, double most, QWidget* parent = nullptr);
    void setValue(double value);
    /// Nothing if the text is not a number within the range.
    std::optional<double> value() const;
    /// Empty text is allowed and means "nothing"; `hint` says what then applies.
    void setOptional(const QString& hint);
    bool acceptable() const;

Q_SIGNALS:
    void edited(); ///< after every change of the text by the user

private:
    void mark();
    double m_least, m_most;
    bool m_optional = false;
};

} // namespace lodestone::gui
