#include "structure/structure_page.h"

#include "crystal/symmetry.h"
#include "structure/atom_inspector.h"
#include "structure/display_panel.h"
#include "structure/frame_bar.h"
#include "structure/measure_tool.h"
#include "structure/viewport.h"

#include <QtCore/QDir>
#include <QtCore/QFileInfo>
#include <QtCore/QSaveFile>
#include <QtGui/QAction>
#include <QtWidgets/QFileDialog>
#include <QtWidgets/QHBoxLayout>
#include <QtWidgets/QLabel>
#include <QtWidgets/QMenu>
#include <QtWidgets/QPushButton>
#include <QtWidgets/QScrollArea>
#include <QtWidgets/QScrollBar>
#include <QtWidgets/QStackedWidget>
#include <QtWidgets/QToolBar>
#include <QtWidgets/QVBoxLayout>
#include <cmath>

namespace lodestone::gui {

namespace {

/// Frames with more atoms get their scene from a worker thread.
constexpr std::size_t atomsAtOnce = 2000;

constexpr double symmetryTolerance = 0.01;  // Angstrom; shown beside the result
constexpr std::size_t symmetryLimit = 2000; // atoms; spglib's search grows faster than linearly

struct View {
    Vec3 direction, up;
};

/// From a corner with c up; very skewed cells along Cartesian axes, from the side that shows most of them
/// and, where there are moments, of the arrows along their main axis.
View cornerView(const Mat3& cell, const std::vector<Vec3>& moments)
{
    bool skewed = false;
    for (int d = 0; d < 3; ++d) {
        const Vec3 &u = cell[d], &v = cell[(d + 1) % 3];
        skewed = skewed || std::abs(dot(u, v)) > 0.64 * norm(u) * norm(v); // beyond 50..130 degrees
    }
    const Mat3 frame = skewed ? identity3 : cell;
    const Vec3 z = (1 / norm(frame[2])) * frame[2];
    Vec3 y = cross(frame[2], frame[0]);
    y = (1 / norm(y)) * y;
    const Vec3 x = cross(y, z);
    // The area of the cell's shadow along a direction, times how much of the arrows' length is seen.
    const Vec3 arrows = mainAxis(moments);
    const auto shadow = [&](const Vec3& direction) {
        double area = 0;
        for (int d = 0; d < 3; ++d)
            area += std::abs(dot(direction, cross(cell[d], cell[(d + 1) % 3])));
        const double seen = moments.empty() ? 1 : 0.3 + norm(cross(direction, arrows)) / norm(direction);
        return seen * area / norm(direction);
    };
    View best{-0.85 * x - 0.4 * y - 0.35 * z, z};
    for (int turn = 1; skewed && turn < 12; ++turn) {
        const double angle = turn * std::acos(-1.0) / 6, c = std::cos(angle), s = std::sin(angle);
        const Vec3 direction = (-0.85 * c + 0.4 * s) * x + (-0.85 * s - 0.4 * c) * y - 0.35 * z;
        if (shadow(direction) > shadow(best.direction))
            best.direction = direction;
    }
    return best;
}

QVariantMap toMap(const CameraState& camera, const QStringList& files)
{
    const auto list = [](const Vec3& v) { return QVariantList{v[0], v[1], v[2]}; };
    return {{QStringLiteral("eye"), list(camera.eye)}, {QStringLiteral("centre"), list(camera.centre)},
            {QStringLiteral("up"), list(camera.up)},   {QStringLiteral("scale"), camera.parallelScale},
            {QStringLiteral("fitted"), camera.fitted}, {QStringLiteral("files"), files}};
}

CameraState cameraFrom(const QVariantMap& map)
{
    const auto vector = [&map](const char* key) {
        const QVariantList list = map.value(QLatin1String(key)).toList();
        Vec3 v = {0, 0, 0};
        for (std::size_t k = 0; k < 3 && list.size() == 3; ++k)
            v[k] = list[qsizetype(k)].toDouble();
        return v;
    };
    CameraState camera{vector("eye"), vector("centre"), vector("up")};
    camera.parallelScale = map.value(QStringLiteral("scale"), 1).toDouble();
    camera.fitted = map.value(QStringLiteral("fitted"), true).toBool();
    return camera;
}

QLabel* makeLine(Qt::TextInteractionFlags flags)
{
    auto* label = new QLabel;
    label->setTextFormat(Qt::PlainText);
    label->setTextInteractionFlags(flags);
    label->setContentsMargins(4, 0, 4, 0);
    return label;
}

} // namespace

StructurePage::StructurePage(Session& session, QWidget* parent)
    : Page(session, parent),
      m_stack(new QStackedWidget),
      m_viewport(makeViewport(nullptr)),
      m_panel(new DisplayPanel),
      m_frames(new FrameBar),
      m_measure(new MeasureTool(*m_viewport, this)),
      m_status(makeLine(Qt::TextSelectableByMouse)),
      m_energy(makeLine(Qt::TextSelectableByMouse)),
      m_note(makeLine(Qt::TextSelectableByMouse)),
      m_inspector(new AtomInspector(this))
{
    setObjectName(key());
    m_inspector->hide();
    m_note->setWordWrap(true);
    m_note->hide();
    m_status->setWordWrap(true);
    auto* empty = new QLabel(tr("Open data to see it here: drop a file or press Ctrl+O"));
    empty->setAlignment(Qt::AlignCenter);
    empty->setWordWrap(true);
    m_stack->addWidget(empty);

    auto* scroll = new QScrollArea;
    scroll->setWidget(m_panel);
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    scroll->setFixedWidth(m_panel->sizeHint().width() + scroll->verticalScrollBar()->sizeHint().width() + 4);

    auto* tools = new QToolBar;
    makeTools(tools);
    m_panelShown = new QAction(tr("Display"), tools);
    m_panelShown->setCheckable(true);
    m_panelShown->setChecked(true);
    m_panelShown->setToolTip(tr("Show or hide the display settings"));
    connect(m_panelShown, &QAction::toggled, scroll, &QWidget::setVisible);
    auto* spacer = new QWidget;
    spacer->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Preferred);
    tools->addWidget(spacer);
    tools->addAction(m_panelShown);

    auto* body = new QWidget;
    auto* statusRow = new QHBoxLayout;
    statusRow->addWidget(m_status, 1);
    statusRow->addWidget(m_energy, 0, Qt::AlignTop);
    auto* left = new QVBoxLayout;
    left->addWidget(m_viewport, 1);
    left->addWidget(m_frames);
    left->addLayout(statusRow);
    auto* row = new QHBoxLayout;
    row->addLayout(left, 1);
    row->addWidget(scroll);
    auto* column = new QVBoxLayout(body);
    column->setContentsMargins(4, 0, 4, 4);
    column->addWidget(tools);
    column->addWidget(m_note);
    column->addLayout(row, 1);
    m_stack->addWidget(body);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_stack);
    m_viewport->setMinimumSize(200, 160);

    m_sceneDelay.setSingleShot(true);
    m_sceneDelay.setInterval(0);
    connect(&m_sceneDelay, &QTimer::timeout, this, &StructurePage::startScene);
    connect(m_panel, &DisplayPanel::changed, this, &StructurePage::scheduleScene);
    connect(m_measure, &MeasureTool::changed, this, &StructurePage::updateStatus);
    connect(m_frames, &FrameBar::frameChosen, &session, &Session::setFrame);
    connect(m_viewport, &Viewport::atomClicked, &session, &Session::setAtom);
    connect(&session, &Session::dataChanged, this, &StructurePage::onData);
    connect(&session, &Session::frameChanged, this, &StructurePage::onFrame);
    connect(&session, &Session::momentsChanged, this, &StructurePage::onMoments);
    connect(&session, &Session::atomChanged, this, [this](int atom) {
        m_viewport->setHighlight(atom);
        m_inspector->show(frame(), m_moments, atom);
    });
    connect(&session, &Session::problem, this, [this](const QString& page, const QString& sentence) {
        if (page == key())
            showNote(sentence);
    });
    for (QAction* action : {m_parallel, m_panelShown})
        connect(action, &QAction::toggled, this, &Page::viewStateChanged);
    connect(m_panel, &DisplayPanel::changed, this, &Page::viewStateChanged);
    connect(m_viewport, &Viewport::cameraMoved, this, &Page::viewStateChanged);
    onData();
    onFrame();
    onMoments();
}

StructurePage::~StructurePage() = default;

QVariantMap StructurePage::viewState() const
{
    QVariantMap state{{QStringLiteral("display"), m_panel->state()},
                      {QStringLiteral("parallel"), m_parallel->isChecked()},
                      {QStringLiteral("panel"), m_panelShown->isChecked()}};
    // Until its data are there, the last session's camera is still to come.
    state[QStringLiteral("camera")] =
        frame() ? toMap(m_viewport->camera(), m_session.dataFiles()) : m_savedCamera;
    return state;
}

void StructurePage::restoreViewState(const QVariantMap& state)
{
    if (state.isEmpty())
        return;
    m_panel->setState(state.value(QStringLiteral("display")).toMap());
    m_parallel->setChecked(state.value(QStringLiteral("parallel")).toBool());
    m_panelShown->setChecked(state.value(QStringLiteral("panel"), true).toBool());
    m_savedCamera = state.value(QStringLiteral("camera")).toMap();
}

QWidget* StructurePage::inspector()
{
    return m_inspector;
}

void StructurePage::makeTools(QToolBar* tools)
{
    tools->setAccessibleName(tr("View"));
    const auto add = [&](const QString& text, const QString& tip, auto call) {
        QAction* action = tools->addAction(text);
        action->setToolTip(tip);
        connect(action, &QAction::triggered, this, call);
        return action;
    };
    add(QStringLiteral("a"), tr("Look down the a axis (b to the right, c up)"), [this] { lookAlong(0); });
    add(QStringLiteral("b"), tr("Look down the b axis (c to the right, a up)"), [this] { lookAlong(1); });
    add(QStringLiteral("c"), tr("Look down the c axis (a to the right, b up)"), [this] { lookAlong(2); });
    add(tr("Corner"), tr("Look from a corner, c up"), [this] { lookAlong(3); });
    add(tr("Fit"), tr("Everything in view, same direction"), [this] { m_viewport->resetZoom(); });
    tools->addSeparator();
    m_parallel = add(tr("Parallel"), tr("Parallel projection instead of perspective"), [] {});
    m_parallel->setCheckable(true);
    connect(m_parallel, &QAction::toggled, this, [this](bool on) { m_viewport->setParallelProjection(on); });
    tools->addAction(m_measure->action());
    tools->addSeparator();

    auto* button = new QPushButton;
    button->setText(tr("Export picture"));
    button->setToolTip(tr("Save the view as PNG, at a multiple of its size"));
    auto* menu = new QMenu(button);
    QAction* transparent = menu->addAction(tr("Transparent background"));
    transparent->setCheckable(true);
    transparent->setChecked(true);
    menu->addSeparator();
    for (int factor : {1, 2, 4, 8})
        connect(menu->addAction(tr("PNG at %1× the size…").arg(factor)), &QAction::triggered, this,
                [this, factor, transparent] { askExport(factor, transparent->isChecked()); });
    button->setMenu(menu);
    tools->addWidget(button);
}

void StructurePage::lookAlong(int axis)
{
    const Frame* shown = frame();
    const Mat3 cell = shown && determinant(shown->structure.cell) != 0 ? shown->structure.cell : identity3;
    if (axis < 3) {
        m_viewport->lookAlong(-1.0 * cell[axis], cell[(axis + 2) % 3]);
        return;
    }
    const View view = cornerView(cell, m_moments.label);
    m_viewport->lookAlong(view.direction, view.up);
}

void StructurePage::askExport(int factor, bool transparent)
{
    const QString file = QFileDialog::getSaveFileName(this, tr("Export picture"), QDir::homePath(),
                                                      tr("PNG pictures (*.png)"));
    if (!file.isEmpty())
        exportPicture(QFileInfo(file).suffix().isEmpty() ? file + QStringLiteral(".png") : file, factor,
                      transparent);
}

void StructurePage::exportPicture(const QString& file, int factor, bool transparent)
{
    const QImage image = m_viewport->renderImage(factor, transparent);
    if (image.isNull()) {
        showNote(
            tr("The picture could not be drawn at %1 times the size: choose a smaller factor.").arg(factor));
        return;
    }
    // Compressing a large picture takes seconds.
    m_exportJob.start(
        this,
        [image, file](const Watch&) {
            QSaveFile target(file);
            if (!target.open(QIODevice::WriteOnly) || !image.save(&target, "PNG") || !target.commit())
                return target.errorString();
            return QString();
        },
        [this, file](const QString& error) {
            if (error.isEmpty())
                Q_EMIT m_session.notice(tr("Picture written to %1").arg(QDir::toNativeSeparators(file)));
            else
                showNote(tr("The picture could not be written to %1: %2")
                             .arg(QDir::toNativeSeparators(file), error));
            Q_EMIT pictureWritten(file);
        },
        [this](const QString& sentence) { showNote(sentence); });
}

void StructurePage::showNote(const QString& sentence)
{
    m_note->setText(sentence);
    m_note->setVisible(!sentence.isEmpty());
}

const Frame* StructurePage::frame() const
{
    const std::shared_ptr<const Dataset> data = m_session.data();
    const int n = m_session.frame();
    return data && n >= 0 && n < int(data->frames.size()) ? &data->frames[std::size_t(n)] : nullptr;
}

void StructurePage::onData()
{
    const std::shared_ptr<const Dataset> data = m_session.data();
    m_frames->setCount(data ? int(data->frames.size()) : 0);
    m_resetCamera = true;
    m_measure->setStructure(nullptr); // the frames before are gone
    m_measure->clear();
    showNote({});
}

void StructurePage::onFrame()
{
    const Frame* shown = frame();
    m_stack->setCurrentIndex(shown ? 1 : 0);
    m_measure->setStructure(shown ? &shown->structure : nullptr);
    m_moments = {};
    if (shown && shown->moments)
        m_moments.label = shown->moments->vectors;
    if (shown) {
        m_frames->setFrame(m_session.frame());
        m_panel->setPeriodic(shown->structure.pbc);
    }
    if (shown)
        m_moments.labelField = shown->magneticForces;
    showAvailable();
    m_inspector->show(shown, m_moments, m_session.atom());
    findSymmetry();
    updateStatus();
    scheduleScene();
}

void StructurePage::findSymmetry()
{
    m_symmetry.clear();
    m_symmetryJob.cancel();
    const Frame* shown = frame();
    if (!shown || shown->structure.size() > symmetryLimit ||
        shown->structure.pbc != std::array{true, true, true})
        return;
    m_symmetryJob.start(
        this,
        [data = m_session.data(), n = std::size_t(m_session.frame())](const Watch&) {
            return spaceGroup(data->frames[n].structure, symmetryTolerance);
        },
        [this](const SpaceGroup& group) {
            m_symmetry =
                tr("space group %1 (%2 Å)").arg(QString::fromStdString(group.symbol)).arg(symmetryTolerance);
            updateStatus();
        },
        [](const QString&) {}); // no space group: nothing is shown
}

void StructurePage::onMoments()
{
    const Frame* shown = frame();
    if (!shown)
        return;
    // Answers may be late: lists of another length belong to another frame.
    const std::size_t atoms = shown->structure.size();
    const MomentSources& given = m_session.moments();
    if (given.label.size() == atoms)
        m_moments.label = given.label;
    m_moments.base = given.base.size() == atoms ? given.base : std::vector<Vec3>();
    m_moments.tuned = given.tuned.size() == atoms ? given.tuned : std::vector<Vec3>();
    m_moments.labelField = given.labelField.size() == atoms ? given.labelField : std::vector<Vec3>();
    m_moments.tunedField = given.tunedField.size() == atoms ? given.tunedField : std::vector<Vec3>();
    m_moments.bonds = given.bonds; // the scene leaves out those of atoms that it does not have
    m_moments.exchangeUnit = given.exchangeUnit;
    showAvailable();
    m_inspector->show(shown, m_moments, m_session.atom());
    scheduleScene();
}

void StructurePage::showAvailable()
{
    m_panel->setAvailable({!m_moments.label.empty(), !m_moments.base.empty(), !m_moments.tuned.empty(),
                           !m_moments.labelField.empty(), !m_moments.tunedField.empty(),
                           !m_moments.bonds.empty()});
}

SceneInput StructurePage::sceneInput() const
{
    const Structure& structure = frame()->structure;
    DisplayChoice choice = m_panel->choice();
    resolveAxis(choice, structure.cell, m_moments.label.empty() ? m_moments.tuned : m_moments.label);
    SceneInput input;
    input.positions = structure.positions;
    input.species = structure.species;
    input.cell = structure.cell;
    input.pbc = structure.pbc;
    input.areFields = isField(choice.source);
    const bool labelField = choice.source == MomentSource::LabelField;
    // Fields turn with collinear moments as any moments do.
    MomentView view =
        input.areFields
            ? momentView(m_moments.label, {}, labelField ? m_moments.labelField : m_moments.tunedField,
                         MomentSource::Tuned, choice.scene.axis)
            : momentView(m_moments.label, m_moments.base, m_moments.tuned, choice.source, choice.scene.axis);
    input.moments =
        choice.projected ? projectedOn(choice.scene.axis, std::move(view.vectors)) : std::move(view.vectors);
    if (!input.areFields)
        input.momentErrors = std::move(view.errors);
    if (choice.scene.exchange) {
        input.exchange = m_moments.bonds;
        input.exchangeUnit = m_moments.exchangeUnit;
    }
    input.options = choice.scene;
    return input;
}

void StructurePage::scheduleScene()
{
    m_sceneDelay.start();
}

void StructurePage::startScene()
{
    if (!frame())
        return;
    SceneInput input = sceneInput();
    if (input.positions.size() <= atomsAtOnce) {
        m_sceneJob.cancel();
        takeScene(buildScene(input));
        return;
    }
    m_sceneJob.start(
        this, [input = std::move(input)](const Watch&) { return buildScene(input); },
        [this](SceneArrays scene) { takeScene(std::move(scene)); },
        [this](const QString& sentence) { showNote(sentence); });
}

void StructurePage::takeScene(SceneArrays scene)
{
    const bool first = m_resetCamera;
    m_resetCamera = false;
    m_sceneNote = scene.note;
    m_viewport->showScene(std::make_shared<const SceneArrays>(std::move(scene)), first);
    m_viewport->setHighlight(m_session.atom());
    if (first) {
        const QVariantMap saved = std::exchange(m_savedCamera, {});
        if (saved.value(QStringLiteral("files")).toStringList() == m_session.dataFiles())
            m_viewport->setCamera(cameraFrom(saved));
        else
            lookAlong(3);
    }
    updateStatus();
}

void StructurePage::updateStatus()
{
    const Frame* shown = frame();
    if (!shown)
        return;
    const QString separator = QStringLiteral(" · ");
    QStringList parts = {QString::fromStdString(formula(shown->structure)),
                         tr("frame %1 of %2").arg(m_session.frame() + 1).arg(m_session.data()->frames.size()),
                         shown->structure.size() == 1 ? tr("1 atom")
                                                      : tr("%1 atoms").arg(shown->structure.size())};
    if (!m_symmetry.isEmpty())
        parts << m_symmetry;
    if (!m_sceneNote.isEmpty())
        parts << m_sceneNote;
    if (const QString measured = m_measure->text(); !measured.isEmpty())
        parts << measured;
    m_status->setText(parts.join(separator));
    m_energy->setText(shown->energy ? tr("E = %1 eV (label)").arg(*shown->energy, 0, 'f', 4) : QString());
}

QString StructurePage::statusText() const
{
    return m_status->text();
}

Page* makeStructurePage(Session& session, QWidget* parent)
{
    return new StructurePage(session, parent);
}

} // namespace lodestone::gui
