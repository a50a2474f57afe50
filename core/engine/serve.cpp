#include "engine/command_line.h"
#include "engine/devices.h"
#include "engine/requests.h"

#include <c10/util/Exception.h>
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <deque>
#include <iostream>
#include <memory>
#include <mutex>
#include <optional>
#include <spdlog/spdlog.h>
#include <thread>

namespace lodestone {
namespace {

/// Lines on standard output, from both threads.
class Answers {
public:
    void send(const Json& answer)
    {
        const std::lock_guard lock(m_mutex);
        printJson(answer);
    }

private:
    std::mutex m_mutex;
};

/// Requests wait here for the one worker; `cancel` reaches those that wait and the one in work.
class RequestQueue {
public:
    struct Entry {
        Json request;
        std::stop_source stop;
    };

    void push(Json request)
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
    void cancel(const Json& id)
    {
        const std::lock_guard lock(m_mutex);
        if (m_current && m_current->request["id"] == id)
            m_current->stop.request_stop();
        for (Entry& entry : m_waiting)
            if (entry.request["id"] == id)
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

Json errorAnswer(const Json& id, const std::string& sentence)
{
    return {{"id", id}, {"error", {{"text", sentence}}}};
}

/// Progress lines, ten a second at most.
std::function<void(double)> progressOf(const Json& id, Answers& answers)
{
    auto last = std::make_shared<std::chrono::steady_clock::time_point>();
    return [id, &answers, last](double share) {
        const auto now = std::chrono::steady_clock::now();
        if (now - *last < std::chrono::milliseconds(100))
            return;
        *last = now;
        answers.send({{"id", id}, {"progress", share}});
    };
}

/// Whatever happens inside, the request gets one answer and the process goes on.
Json answerTo(RequestHandler& handler, const RequestQueue::Entry& entry, Answers& answers)
{
    const Json& id = entry.request["id"];
    try {
        const Watch watch{entry.stop.get_token(), progressOf(id, answers)};
        if (entry.stop.stop_requested())
            throw Stopped();
        return {{"id", id}, {"ok", handler.answer(entry.request, watch)}};
    } catch (const Stopped&) {
        return {{"id", id}, {"stopped", true}};
    } catch (const Error& e) {
        return errorAnswer(id, e.what());
    } catch (const c10::Error& e) {
        spdlog::error("{}", e.what());
        return errorAnswer(id, fmt::format("LibTorch failed: {}", e.what_without_backtrace()));
    } catch (const std::bad_alloc&) {
        return errorAnswer(id, "There is not enough memory for this request.");
    } catch (const std::exception& e) {
        return errorAnswer(id, fmt::format("An unexpected fault: {}", e.what()));
    }
}

/// Reads until standard input closes. Requests without a usable id are answered with id null.
void readRequests(RequestQueue& queue, Answers& answers)
{
    constexpr std::size_t longest = 16 << 20;
    for (std::string line; std::getline(std::cin, line);) {
        if (line.empty())
            continue;
        if (line.size() > longest) {
            answers.send(errorAnswer(nullptr, "A request of more than 16 MiB was refused; send file names."));
            continue;
        }
        Json request = Json::parse(line, nullptr, false);
        if (!request.is_object()) {
            answers.send(errorAnswer(nullptr, "A request must be one JSON object in one line."));
            continue;
        }
        const Json id = request.value("id", Json());
        if (!id.is_number_integer()) {
            answers.send(errorAnswer(nullptr, "A request needs \"id\", a whole number."));
        } else if (request.value("do", Json()) == "cancel") {
            queue.cancel(request.value("request", Json()));
            answers.send({{"id", id}, {"ok", Json::object()}});
        } else {
            queue.push(std::move(request));
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
        RequestHandler handler(common.device, common.dtype);
        while (const auto entry = queue.pop())
            answers.send(answerTo(handler, *entry, answers));
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
