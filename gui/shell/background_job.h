#pragma once
#include "base/progress.h"

#include <QtCore/QObject>
#include <QtCore/QThreadPool>
#include <memory>
#include <type_traits>

namespace lodestone::gui {

/// One kind of background work of which only the newest counts: starting it again stops the older work and
/// drops its late result. GUI thread only. The destructor stops and joins.
class BackgroundJob {
public:
    BackgroundJob() { m_pool.setMaxThreadCount(2); } // a stopped job may still be on its way out
    BackgroundJob(const BackgroundJob&) = delete;
    BackgroundJob& operator=(const BackgroundJob&) = delete;
    ~BackgroundJob()
    {
        cancel();
        m_pool.waitForDone();
    }

    bool running() const { return m_running; }
    void cancel()
    {
        m_stop.request_stop();
        ++m_number;
        m_running = false;
    }

    /// Runs `work(watch)` in another thread, then `done(result)` or `failed(sentence)` in `receiver`'s
    /// thread; neither if it was stopped or replaced. `progress(fraction)` likewise, at most once a percent.
    /// `receiver` outlives this job.
    template<class Work, class Done, class Failed, class Progress>
    void start(QObject* receiver, Work work, Done done, Failed failed, Progress progress)
    {
        cancel();
        m_stop = {};
        m_running = true;
        const auto number = m_number;
        const auto deliver = [this, receiver, number](auto call) {
            QMetaObject::invokeMethod(
                receiver,
                [this, number, call = std::move(call)]() mutable {
                    if (number == m_number)
                        call();
                },
                Qt::QueuedConnection);
        };
        Watch watch;
        watch.stop = m_stop.get_token();
        watch.progress = [deliver, progress, last = -1.0](double fraction) mutable {
            if (fraction < last + 0.01 && (fraction < 1 || last >= 1))
                return;
            last = fraction;
            deliver([progress, fraction] { progress(fraction); });
        };
        m_pool.start([this, deliver, watch, work = std::move(work), done, failed]() mutable {
            using Result = std::invoke_result_t<Work&, const Watch&>;
            try {
                auto result = std::make_shared<Result>(work(watch));
                deliver([this, done, result] {
                    m_running = false;
                    done(std::move(*result));
                });
            } catch (const Stopped&) {
                // Not an error: somebody asked for it.
            } catch (const std::exception& error) {
                deliver([this, failed, sentence = QString::fromUtf8(error.what())] {
                    m_running = false;
                    failed(sentence);
                });
            }
        });
    }
    template<class Work, class Done, class Failed>
    void start(QObject* receiver, Work work, Done done, Failed failed)
    {
        start(receiver, std::move(work), std::move(done), std::move(failed), [](double) {});
    }

private:
    QThreadPool m_pool;
    std::stop_source m_stop;
    quint64 m_number = 0;
    bool m_running = false;
};

} // namespace lodestone::gui
