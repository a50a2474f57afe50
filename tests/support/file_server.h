#pragma once
#include <QtCore/QMap>
#include <QtCore/QPointer>
#include <QtCore/QTimer>
#include <QtCore/QUrl>
#include <QtNetwork/QTcpServer>
#include <QtNetwork/QTcpSocket>

namespace lodestone::test {

/// A small HTTP server on this machine that hands out one file, well or badly. It answers in the thread that
/// made it; a connection carries one request.
class FileServer : public QTcpServer {
public:
    struct Request {
        QByteArray path;
        QMap<QByteArray, QByteArray> headers; ///< names in lower case
    };

    QByteArray content;
    QByteArray etag = "\"one\"";
    bool ranges = true;    ///< false: 200 with the whole in place of 206
    bool length = true;    ///< false: no Content-Length, the end is where the connection ends
    qint64 cutAfter = -1;  ///< bytes of a body after which the connection is broken
    qint64 rangeShift = 0; ///< a 206 answers with bytes from so much later on
    int status = 0;        ///< instead of the file
    QByteArray location;   ///< with a status of redirection, for paths other than /file
    int pause = 0;         ///< milliseconds between pieces of 16 KiB; 0: at once
    bool silent = false;   ///< takes the request and says nothing

    QList<Request> requests;
    qint64 sent = 0; ///< bytes of bodies

    FileServer()
    {
        if (!listen(QHostAddress::LocalHost))
            qFatal("no port is free on this machine");
        connect(this, &QTcpServer::newConnection, this, [this] {
            while (QTcpSocket* socket = nextPendingConnection()) {
                connect(socket, &QTcpSocket::readyRead, this, [this, socket] { read(socket); });
                connect(socket, &QTcpSocket::disconnected, socket, &QObject::deleteLater);
            }
        });
    }
    QUrl url(const QString& path = QStringLiteral("/file")) const
    {
        return QUrl(QStringLiteral("http://127.0.0.1:%1%2").arg(serverPort()).arg(path));
    }

private:
    void read(QTcpSocket* socket)
    {
        QByteArray& head = m_heads[socket];
        head += socket->readAll();
        if (!head.contains("\r\n\r\n"))
            return;
        Request request;
        const QList<QByteArray> lines = head.left(head.indexOf("\r\n\r\n")).split('\n');
        m_heads.remove(socket);
        request.path = lines.front().split(' ').value(1);
        for (const QByteArray& line : lines.mid(1))
            request.headers[line.left(line.indexOf(':')).toLower()] =
                line.mid(line.indexOf(':') + 1).trimmed();
        requests << request;
        if (!silent)
            answer(socket, request);
    }

    void answer(QTcpSocket* socket, const Request& request)
    {
        const bool moved = status / 100 == 3 && request.path != "/file";
        if (status >= 400 || moved) {
            socket->write("HTTP/1.1 " + QByteArray::number(status) + " Other\r\nContent-Length: 5\r\n" +
                          (moved ? "Location: " + location + "\r\n" : QByteArray()) +
                          "Connection: close\r\n\r\nother");
            socket->disconnectFromHost();
            return;
        }
        const QByteArray range = request.headers["range"];
        qint64 from = 0;
        QByteArray headers = "ETag: " + etag + "\r\nConnection: close\r\n";
        const bool part = ranges && range.startsWith("bytes=") && request.headers["if-range"] == etag;
        if (part) {
            from = range.mid(6, range.size() - 7).toLongLong() + rangeShift;
            headers += "Content-Range: bytes " + QByteArray::number(from) + "-" +
                       QByteArray::number(content.size() - 1) + "/" + QByteArray::number(content.size()) +
                       "\r\n";
        }
        if (length)
            headers += "Content-Length: " + QByteArray::number(content.size() - from) + "\r\n";
        socket->write((part ? "HTTP/1.1 206 Partial Content\r\n" : "HTTP/1.1 200 OK\r\n") + headers + "\r\n");
        const qint64 end = cutAfter < 0 ? content.size() : std::min<qint64>(content.size(), from + cutAfter);
        send(socket, from, end);
    }

    void send(const QPointer<QTcpSocket>& socket, qint64 from, qint64 end)
    {
        if (!socket)
            return;
        const qint64 piece = pause > 0 ? std::min<qint64>(end - from, 16 << 10) : end - from;
        socket->write(content.mid(from, piece));
        sent += piece;
        if (from + piece < end)
            QTimer::singleShot(pause, socket,
                               [this, socket, from, piece, end] { send(socket, from + piece, end); });
        else
            socket->disconnectFromHost(); // after what is written
    }

    QMap<QTcpSocket*, QByteArray> m_heads;
};

} // namespace lodestone::test
