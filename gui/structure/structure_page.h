#pragma once
#include "shell/background_job.h"
#include "shell/page.h"

#include <QtCore/QTimer>

class QAction;
class QLabel;
class QStackedWidget;
class QToolBar;

namespace lodestone::gui {

class AtomInspector;
class DisplayPanel;
class FrameBar;
class MeasureTool;
class Viewport;
struct SceneArrays;
struct SceneInput;

/// The frame in view in 3D. Holds the last scene and the jobs that make scenes; all data belong to the
/// session.
class StructurePage : public Page {
    Q_OBJECT
public:
    StructurePage(Session& session, QWidget* parent);
    ~StructurePage() override;
    QString key() const override { return QStringLiteral("structure"); }
    QString title() const override { return tr("Structure"); }
    QWidget* inspector() override;
    QVariantMap viewState() const override;
    void restoreViewState(const QVariantMap& state) override;
    Viewport* viewport() const { return m_viewport; }
    /// Draws the view at `factor` times its size and writes it as PNG in the background; a problem is shown
    /// on the page.
    void exportPicture(const QString& file, int factor, bool transparent);
    QString statusText() const;

Q_SIGNALS:
    void pictureWritten(const QString& file); ///< or given up, with a note on the page

private:
    void makeTools(QToolBar* tools);
    void lookAlong(int axis); ///< 0, 1, 2: a, b, c; 3: from a corner
    void askExport(int factor, bool transparent);
    void showNote(const QString& sentence);
    void onData();
    void onFrame();
    void onMoments();
    void showAvailable();
    const Frame* frame() const;
    SceneInput sceneInput() const;
    void scheduleScene();
    void startScene();
    void takeScene(SceneArrays scene);
    void findSymmetry();
    void updateStatus();

    QStackedWidget* m_stack;
    Viewport* m_viewport;
    DisplayPanel* m_panel;
    FrameBar* m_frames;
    MeasureTool* m_measure;
    QLabel *m_status, *m_energy, *m_note;
    AtomInspector* m_inspector;
    MomentSources m_moments; ///< of the frame in view; base and tuned stay empty until the session has them
    BackgroundJob m_sceneJob, m_exportJob, m_symmetryJob;
    QTimer m_sceneDelay; ///< several changes in one turn of the event loop make one scene
    QString m_symmetry;  ///< "space group Fm-3m (0.01 Å)", empty while unknown
    QString m_sceneNote; ///< what could not be drawn
    QAction *m_parallel = nullptr, *m_panelShown = nullptr;
    QVariantMap m_savedCamera; ///< of the last session: for its data only
    bool m_resetCamera = true;
};

} // namespace lodestone::gui
