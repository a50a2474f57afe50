#include "shell/session.h"
#include "data/frame_identity.h"
#include "shell/data_check.h"
#include "shell/session_jobs.h"

#include <QtCore/QDir>
#include <QtCore/QFileInfo>
#include <QtCore/QStandardPaths>

namespace lodestone::gui {

namespace {

/// A step of undo made of two functions; the first redo is the change itself.
class Step : public QUndoCommand {
public:
    Step(const QString& text, std::function<void()> forth, std::function<void()> back)
        : QUndoCommand(text),
          m_forth(std::move(forth)),
          m_back(std::move(back))
    {
    }
    void redo() override { m_forth(); }
    void undo() override { m_back(); }

private:
    std::function<void()> m_forth, m_back;
};

QStringList absolute(const QStringList& paths)
{
    QStringList result;
    for (const QString& path : paths)
        result << QFileInfo(path).absoluteFilePath();
    result.removeDuplicates(); // the same file twice would double its weight unseen
    return result;
}

} // namespace

Session::Session(QObject* parent) : QObject(parent), m_jobs(std::make_unique<Jobs>())
{
    m_runsFolder = QStandardPaths::writableLocation(QStandardPaths::GenericDataLocation) +
                   QStringLiteral("/lodestone/runs");
    m_jobs->momentsDelay.setSingleShot(true);
    m_jobs->momentsDelay.setInterval(200);
    connect(&m_jobs->momentsDelay, &QTimer::timeout, this, &Session::predictMoments);
    m_check = std::make_unique<DataCheck>(*this);
    connect(&m_jobs->monitor, &JobMonitor::problem, this, &Session::notice);
}

Session::~Session() = default;

void Session::openModel(const QString& path, const QString& head)
{
    if (m_jobs->describe >= 0)
        m_engine.cancel(m_jobs->describe);
    const QString file = QFileInfo(path).absoluteFilePath();
    m_awaitedModel = file;
    Q_EMIT notice(tr("Reading the model %1…").arg(QFileInfo(file).fileName()));
    Json arguments = {{"model", file.toStdString()}};
    if (!head.isEmpty())
        arguments["head"] = head.toStdString();
    const auto id = std::make_shared<int>(-1);
    *id = m_jobs->describe = m_engine.request(
        QStringLiteral("describe"), arguments, this, [this, id, file](const EngineClient::Reply& reply) {
            if (*id != m_jobs->describe)
                return; // a newer one has been asked for
            m_jobs->describe = -1;
            if (m_model)
                m_awaitedModel.clear(); // what is open stays, whatever the answer
            if (reply.stopped)
                return;
            if (!reply.error.isEmpty()) {
                Q_EMIT problem(QStringLiteral("blocks"), reply.error);
                return;
            }
            try {
                takeModel(file, modelDescriptionFromJson(reply.ok));
            } catch (const std::exception& error) {
                Q_EMIT problem(QStringLiteral("blocks"), QString::fromUtf8(error.what()));
            }
        });
}

void Session::takeModel(const QString& file, ModelDescription description)
{
    // Another head of the same file has the same tensors: the ticks stay.
    const bool onlyAnotherHead =
        m_model && m_model->file == file.toStdString() && m_model->sha256 == description.sha256 &&
        m_model->headIndex != description.headIndex &&
        std::equal(m_model->tensors.begin(), m_model->tensors.end(), description.tensors.begin(),
                   description.tensors.end(), [](const auto& a, const auto& b) { return a.name == b.name; });
    m_awaitedModel.clear();
    m_model = std::move(description);
    m_model->file = file.toStdString();
    m_undo.clear(); // its steps speak of the former model's tensors
    if (!onlyAnotherHead) {
        try {
            m_selected = resolveSelection(*m_model, {"linear", {}, {}});
        } catch (const std::exception&) {
            m_selected.assign(m_model->tensors.size(), false); // a model without equivariant linear layers
        }
    }
    Q_EMIT modelChanged();
    Q_EMIT selectionChanged();
    Q_EMIT notice(
        tr("Model %1: %L2 parameters.").arg(QFileInfo(file).fileName()).arg(qlonglong(m_model->parameters)));
    startPreflight();
}

QString Session::head() const
{
    const auto index = m_model ? std::size_t(std::max(0, m_model->headIndex)) : 0;
    return m_model && index < m_model->heads.size() ? QString::fromStdString(m_model->heads[index])
                                                    : QString();
}

Json Session::modelArguments() const
{
    if (!m_model)
        return {};
    Json arguments = {{"model", m_model->file}};
    if (const QString chosen = head(); !chosen.isEmpty())
        arguments["head"] = chosen.toStdString();
    return arguments;
}

bool Session::openingModel() const
{
    return m_jobs->describe >= 0;
}

void Session::openData(const QStringList& paths, const LabelKeys& keys)
{
    readData(absolute(paths), keys, false);
}

void Session::addData(const QStringList& paths)
{
    readData(absolute(m_dataFiles + paths), m_data ? m_data->keys : LabelKeys{}, true);
}

void Session::setKeys(const LabelKeys& keys)
{
    if (!m_dataFiles.isEmpty())
        readData(m_dataFiles, keys, true);
}

bool Session::readingData() const
{
    return m_jobs->data.running();
}

void Session::cancelReading()
{
    if (!readingData())
        return;
    m_jobs->data.cancel();
    Q_EMIT dataProgress(1);
    Q_EMIT notice(tr("Reading was cancelled."));
}

void Session::readData(const QStringList& paths, const LabelKeys& keys, bool keepPlace)
{
    if (paths.isEmpty())
        return;
    m_awaitedData = paths;
    std::vector<std::filesystem::path> files;
    for (const QString& path : paths)
        files.emplace_back(path.toStdString());
    QStringList names;
    for (const QString& path : paths.mid(0, 3))
        names << QFileInfo(path).fileName();
    Q_EMIT notice(
        tr("Reading %1%2…")
            .arg(names.join(QStringLiteral(", ")), paths.size() > 3 ? tr(" and others") : QString()));
    m_jobs->data.start(
        this,
        [files, keys](const Watch& watch) {
            ReadData read;
            read.data = readDataset(files, keys, watch, &read.problems);
            read.identities = ::lodestone::gui::frameIdentities(read.data);
            return read;
        },
        [this, paths, keepPlace](ReadData read) { takeData(std::move(read), paths, keepPlace); },
        [this](const QString& sentence) {
            Q_EMIT dataProgress(1);
            Q_EMIT problem(QStringLiteral("data"), sentence);
        },
        [this](double fraction) { Q_EMIT dataProgress(fraction); });
    Q_EMIT dataProgress(0);
}

void Session::takeData(ReadData read, const QStringList& paths, bool keepPlace)
{
    m_dataFiles = paths;
    for (const FileImport& import : read.data.imports)
        if (import.structures == 0) // nothing was read of it: a run must not stumble over it
            m_dataFiles.removeAll(QString::fromStdString(import.file.string()));
    m_readProblems.clear();
    for (const std::string& sentence : read.problems)
        m_readProblems << QString::fromStdString(sentence);
    m_data = std::make_shared<const Dataset>(std::move(read.data));
    m_preflight.reset();
    // Frames are recognised, not counted: with other labels other frames may be unreadable.
    std::set<std::string> excluded;
    std::string inView;
    if (keepPlace) {
        for (std::size_t i = 0; i < m_excluded.size(); ++i)
            if (m_excluded[i])
                excluded.insert(m_identities[i]);
        if (m_frame >= 0)
            inView = m_identities[std::size_t(m_frame)];
    }
    m_identities = std::move(read.identities);
    m_excluded.clear();
    for (const std::string& identity : m_identities)
        m_excluded.push_back(excluded.count(identity) > 0);
    m_undo.clear(); // its steps speak of the former frames
    const int frames = int(m_data->frames.size());
    const auto place = std::find(m_identities.begin(), m_identities.end(), inView);
    const int frame = place != m_identities.end() ? int(place - m_identities.begin()) : frames ? 0 : -1;
    m_frame = -1;
    if (!keepPlace)
        m_atom = -1;
    Q_EMIT dataProgress(1);
    Q_EMIT dataChanged();
    Q_EMIT excludedChanged();
    setFrame(frame);
    const int problems = int(m_readProblems.size());
    if (problems > 0)
        Q_EMIT problem(
            QStringLiteral("data"),
            problems == 1 ? tr("Not everything was read: %1").arg(m_readProblems.front())
                          : tr("Not everything was read: %1 (and %2 more, see “Files read” on the page Data)")
                                .arg(m_readProblems.front())
                                .arg(problems - 1));
    for (const std::string& note : m_data->notes)
        Q_EMIT notice(QString::fromStdString(note));
    Q_EMIT notice(tr("Frames read: %1.").arg(frames));
    startPreflight();
}

void Session::startPreflight()
{
    if (!m_data) {
        return;
    }
    std::set<int> elements;
    if (m_model)
        elements.insert(m_model->elements.begin(), m_model->elements.end());
    m_jobs->preflight.start(
        this,
        [data = m_data, elements, cutoff = m_model ? m_model->cutoff : 0.0](const Watch& watch) {
            return checkDataset(*data, elements, cutoff, watch);
        },
        [this](PreflightReport report) {
            m_preflight = std::make_shared<const PreflightReport>(std::move(report));
            Q_EMIT preflightChanged();
        },
        [this](const QString& sentence) { Q_EMIT problem(QStringLiteral("data"), sentence); });
}

void Session::setExcluded(std::size_t frame, bool excluded)
{
    if (frame >= m_excluded.size())
        return;
    std::vector<bool> next = m_excluded;
    next[frame] = excluded;
    setExcluded(next);
}

void Session::setExcluded(const std::vector<bool>& excluded)
{
    if (excluded.size() != m_excluded.size() || excluded == m_excluded)
        return;
    m_undo.push(new Step(
        tr("Leave out frames"), [this, excluded] { applyExcluded(excluded); },
        [this, before = m_excluded] { applyExcluded(before); }));
}

void Session::applyExcluded(std::vector<bool> excluded)
{
    m_excluded = std::move(excluded);
    Q_EMIT excludedChanged();
}

void Session::setSelected(const std::vector<bool>& selected)
{
    if (!m_model || selected.size() != m_selected.size())
        return;
    std::vector<bool> allowed = selected;
    for (std::size_t i = 0; i < allowed.size(); ++i)
        allowed[i] = allowed[i] && m_model->tensors[i].trainable;
    if (allowed == m_selected)
        return;
    m_undo.push(new Step(
        tr("Select blocks"), [this, allowed] { applySelected(allowed); },
        [this, before = m_selected] { applySelected(before); }));
}

void Session::applySelected(std::vector<bool> selected)
{
    m_selected = std::move(selected);
    Q_EMIT selectionChanged();
}

void Session::suggestConfiguration(const RunConfig& config)
{
    m_suggested = config;
    Q_EMIT configurationSuggested();
}

void Session::setFrame(int frame)
{
    if (!m_data || frame < 0 || frame >= int(m_data->frames.size()))
        frame = -1;
    if (frame == m_frame)
        return;
    m_frame = frame;
    const int atoms = frame < 0 ? 0 : int(m_data->frames[std::size_t(frame)].structure.size());
    stopAsking();
    m_jobs->tuned = {};
    Q_EMIT frameChanged(m_frame);
    if (m_atom >= atoms)
        setAtom(-1);
    updateMoments();
    if (m_run && frame >= 0)
        m_jobs->momentsDelay.start();
}

void Session::setAtom(int atom)
{
    const int atoms = m_frame < 0 ? 0 : int(m_data->frames[std::size_t(m_frame)].structure.size());
    if (atom < 0 || atom >= atoms)
        atom = -1;
    if (atom == m_atom)
        return;
    m_atom = atom;
    Q_EMIT atomChanged(m_atom);
}

} // namespace lodestone::gui
