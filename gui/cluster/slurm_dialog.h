#pragma once
#include "cluster/slurm_site.h"

#include <QtWidgets/QDialog>

class QDialogButtonBox;
class QDoubleSpinBox;
class QLabel;
class QLineEdit;
class QPlainTextEdit;
class QSpinBox;

namespace lodestone::gui {

/// What the cluster at hand wants to know of a job, with the script that comes of it.
class SlurmDialog : public QDialog {
    Q_OBJECT
public:
    explicit SlurmDialog(const SlurmSite& site, QWidget* parent);
    SlurmSite site() const;

private:
    QWidget* makeForm();
    void check();

    QLineEdit *m_partition, *m_account, *m_qos, *m_modules, *m_gpuType, *m_engine;
    QSpinBox *m_gpus, *m_processes, *m_cpus, *m_minutes;
    QDoubleSpinBox* m_memory;
    QPlainTextEdit *m_options, *m_setup, *m_script;
    QLabel* m_problem;
    QDialogButtonBox* m_buttons;
};

} // namespace lodestone::gui
