#include "engine/all_commands.h"
#include "engine/devices.h"
#include "engine/requests.h"
#include "engine/tensor_memory.h"
#include "finetune/edge_budget.h"
#include "protocol/messages.h"

#include <c10/util/Exception.h>
#include <condition_variable>
#include <csignal>
#include <deque>
#include <iostream>
#include <mutex>
#include <optional>
#include <spdlog/spdlog.h>
#include <thread>

namespace lodestone {
namespace {

/// Lines on standard output, from both threads.
class Answers {
public:
    void send(const std::string& line)
    {
        const std::lock_guard lock(m_mutex);
        printText(line);
    }

private:
    std::mutex m_mutex;
};

/// Requests wait here for the one worker; `cancel` reaches those that wait and the one in work.
class RequestQueue {
public:
    struct Entry {
        Request request;
        std::stop_source stop;
    };

    void push(Request request)
    {
        const std::lock_guard lock(m_mutex);
        m_waiting.push_back({std::move(request), {}});
        m_changed.notify_one();
    }
    /// The next request; nothing once closed.
    std::optional<Entry> pop()
    {
        std::unique_lock lock(m_mutex);
        m_current.reset();
        m_changed.wait(lock, [this] { return m_closed || !m_waiting.empty(); });
        if (m_closed)
            return {};
        m_current = std::move(m_waiting.front());
        m_waiting.pop_front();
        return m_current;
    }
    /// A request that waits is answered "stopped" when its turn comes.
    void cancel(std::int64_t id)
    {
        const std::lock_guard lock(m_mutex);
        if (m_current && m_current->request.id == id)
            m_current->stop.request_stop();
        for (Entry& entry : m_waiting)
            if (entry.request.id == id)
                entry.stop.request_stop();
    }
    /// Stops what is in work and forgets what waits.
    void close()
    {
        const std::lock_guard lock(m_mutex);
        m_closed = true;
        if (m_current)
            m_current->stop.request_stop();
        m_changed.notify_one();
    }

private:
    std::mutex m_mutex;
    std::condition_variable m_changed;
    std::deque<Entry> m_waiting;
    std::optional<Entry> m_current;
    bool m_closed = false;
};

/// Whatever happens inside, the request gets one answer and the process goes on.
std::string answerTo(RequestHandler& handler, const RequestQueue::Entry& entry, Answers& answers)
{
    const std::int64_t id = entry.request.id;
    try {
        ProgressThrottle throttle;
        const Watch watch{entry.stop.get_token(), [&](double share) {
                              if (throttle.passes(share))
                                  answers.send(makeProgress(id, share));
                          }};
        if (entry.stop.stop_requested())
            throw Stopped();
        return makeAnswer(id, handler.answer(entry.request, watch));
    } catch (const Stopped&) {
        return makeStopped(id);
    } catch (const Error& e) {
        return makeError(id, e.what());
    } catch (const std::exception& e) {
        if (saysOutOfMemory(e))
            return makeError(id, "There is not enough memory for this request.");
        if (const auto* const torchError = dynamic_cast<const c10::Error*>(&e)) {
            spdlog::error("{}", e.what());
            return makeError(id, fmt::format("LibTorch failed: {}", torchError->what_without_backtrace()));
        }
        return makeError(id, fmt::format("An unexpected fault: {}", e.what()));
    }
}

/// Reads until standard input closes.
void readRequests(RequestQueue& queue, Answers& answers)
{
    for (std::string line; std::getline(std::cin, line);) {
        if (line.empty())
            continue;
        try {
            Request request = parseRequest(line);
            if (request.verb != "cancel") {
                queue.push(std::move(request));
                continue;
            }
            const auto target = request.arguments.find("request");
            if (target == request.arguments.end() || !target->is_number_integer())
                fail("{} needs \"request\", the id of the request to stop.", request.where());
            queue.cancel(target->get<std::int64_t>());
            answers.send(makeAnswer(request.id, Json::object()));
        } catch (const Error& e) {
            answers.send(makeError(requestId(line), e.what()));
        }
    }
}

int serve(const CommonOptions& common)
{
    std::signal(SIGPIPE, SIG_IGN); // a reader that goes away also closes our input
    Answers answers;
    RequestQueue queue;
    std::thread worker([&] {
        setUpTorch(common.threads); // OpenMP counts threads for each thread of its own
        RequestHandler handler(common);
        while (const auto entry = queue.pop()) {
            answers.send(answerTo(handler, *entry, answers));
            releaseTensorMemory();
        }
    });
    readRequests(queue, answers);
    queue.close();
    worker.join();
    return 0;
}

} // namespace

void addServe(CommandLine& line)
{
    CLI::App* command =
        line.add("serve", "answers requests on standard input, one JSON object a line, until it closes");
    line.run(command, [&line] { return serve(line.common); });
}

} // namespace lodestone
