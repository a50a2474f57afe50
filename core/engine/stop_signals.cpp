#include "engine/stop_signals.h"

#include "base/error.h"

#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

namespace lodestone {
namespace {

// A signal handler can reach nothing else: the write end of the pipe of the living StopSignals, or -1.
volatile std::sig_atomic_t g_wakeUp = -1;
constexpr char signalByte = 's', endByte = 'e';

extern "C" void onStopSignal(int)
{
    const int saved = errno;
    if (g_wakeUp >= 0) {
        const auto written = ::write(int(g_wakeUp), &signalByte, 1);
        static_cast<void>(written); // a full pipe holds enough signals already
    }
    errno = saved;
}

void install(void (*handler)(int))
{
    struct sigaction action = {};
    action.sa_handler = handler;
    action.sa_flags = SA_RESTART;
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, nullptr);
    sigaction(SIGTERM, &action, nullptr);
}

} // namespace

StopSignals::StopSignals()
{
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0)
        fail<InternalError>("No pipe for signals: {}.", std::strerror(errno));
    m_read = ends[0];
    m_write = ends[1];
    ::fcntl(m_write, F_SETFL, O_NONBLOCK);
    m_watcher = std::thread([this] { watch(); });
    g_wakeUp = m_write;
    install(onStopSignal);
}

StopSignals::~StopSignals()
{
    install(SIG_DFL);
    g_wakeUp = -1;
    while (::write(m_write, &endByte, 1) != 1 && (errno == EINTR || errno == EAGAIN))
        std::this_thread::yield();
    m_watcher.join();
    ::close(m_read);
    ::close(m_write);
}

void StopSignals::watch()
{
    for (char byte = 0;;) {
        const auto count = ::read(m_read, &byte, 1);
        if (count < 0 && errno == EINTR)
            continue;
        if (count != 1 || byte == endByte)
            return;
        if (m_gentle.request_stop()) {
            spdlog::info("Stopping after this step; once more to stop now.");
        } else {
            m_now.request_stop();
        }
    }
}

} // namespace lodestone
