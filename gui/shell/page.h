#pragma once
#include "shell/session.h"

#include <QtGui/QIcon>
#include <QtWidgets/QWidget>

namespace lodestone::gui {

/// One of the centre pages. Pages are made by their room's factory function, own their widgets and know only
/// the session.
class Page : public QWidget {
    Q_OBJECT
public:
    explicit Page(Session& session, QWidget* parent = nullptr) : QWidget(parent), m_session(session) {}
    virtual QString key() const = 0;   ///< "structure": object name, settings, Session::problem
    virtual QString title() const = 0; ///< translated
    /// Widget for the inspector dock while this page is in front; may be null. The page keeps ownership.
    virtual QWidget* inspector() { return nullptr; }
    /// What the user has set up on the page and would miss after a restart; see viewStateChanged.
    virtual QVariantMap viewState() const { return {}; }
    virtual void restoreViewState(const QVariantMap&) {}

Q_SIGNALS:
    void viewStateChanged();

protected:
    Session& m_session;
};

// Factories, one a room.
Page* makeStructurePage(Session& session, QWidget* parent); ///< gui/structure
Page* makeDataPage(Session& session, QWidget* parent);      ///< gui/data
Page* makeBlocksPage(Session& session, QWidget* parent);    ///< gui/model
Page* makeTrainingPage(Session& session, QWidget* parent);  ///< gui/training
Page* makeSparsityPage(Session& session, QWidget* parent);  ///< gui/sparsity
Page* makeResultsPage(Session& session, QWidget* parent);   ///< gui/runs

} // namespace lodestone::gui
