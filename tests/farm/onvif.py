"""An ONVIF device on loopback: answers WS-Discovery over UDP and SOAP over HTTP, as cameras do.

Its clock may run wrong, and it refuses whoever does not sign with its password (WS-Security,
password digest), as cameras do; only its clock it tells to everybody.
"""

import base64
import hashlib
import re
import socket
import threading
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

_ENVELOPE = (
    '<?xml version="1.0" encoding="UTF-8"?><s:Envelope '
    'xmlns:s="http://www.w3.org/2003/05/soap-envelope" '
    'xmlns:tds="http://www.onvif.org/ver10/device/wsdl" '
    'xmlns:trt="http://www.onvif.org/ver10/media/wsdl" '
    'xmlns:tt="http://www.onvif.org/ver10/schema"><s:Body>{}</s:Body></s:Envelope>'
)
_REFUSED = (
    '<s:Fault xmlns:ter="http://www.onvif.org/ver10/error"><s:Code><s:Value>s:Sender</s:Value>'
    "<s:Subcode><s:Value>ter:NotAuthorized</s:Value></s:Subcode></s:Code><s:Reason>"
    '<s:Text xml:lang="en">Sender not authorized</s:Text></s:Reason></s:Fault>'
)
_UNKNOWN = _REFUSED.replace("NotAuthorized", "ActionNotSupported").replace(
    "Sender not authorized", "Not supported"
)
_MATCH = """<?xml version="1.0" encoding="UTF-8"?>
<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"
 xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing"
 xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery"
 xmlns:dn="http://www.onvif.org/ver10/network/wsdl"><s:Header>
<a:MessageID>urn:uuid:{new}</a:MessageID><a:RelatesTo>{asked}</a:RelatesTo>
<a:To>http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous</a:To>
<a:Action>http://schemas.xmlsoap.org/ws/2005/04/discovery/ProbeMatches</a:Action>
<d:AppSequence InstanceId="1" MessageNumber="1"/></s:Header><s:Body><d:ProbeMatches><d:ProbeMatch>
<a:EndpointReference><a:Address>urn:uuid:{name}</a:Address></a:EndpointReference>
<d:Types>dn:NetworkVideoTransmitter</d:Types>
<d:Scopes>onvif://www.onvif.org/hardware/FARM</d:Scopes>
<d:XAddrs>{addresses}</d:XAddrs><d:MetadataVersion>1</d:MetadataVersion>
</d:ProbeMatch></d:ProbeMatches></s:Body></s:Envelope>"""


class OnvifDevice:
    """A context manager; `port` answers SOAP, `discovery_port` a probe by UDP.

    Profiles are (token, width, height). `stream` is what stream addresses look like,
    `host` the one that it names as its own; with `sends_on_to` it redirects every question.
    """

    def __init__(
        self,
        username: str = "operator",
        password: str = "rahasia",
        ahead: timedelta = timedelta(),
        profiles: Sequence[tuple[str, int, int]] = (("main", 1920, 1080), ("sub", 640, 360)),
        stream: str = "rtsp://{host}:554/{token}",
        model: str = "F-100",
        has_snapshot: bool = True,
        host: str = "127.0.0.1",
        sends_on_to: str = "",
    ) -> None:
        self.username, self.password, self.ahead = username, password, ahead
        self.profiles, self.stream, self.model = profiles, stream, model
        self.has_snapshot, self.host, self.sends_on_to = has_snapshot, host, sends_on_to
        self.asked: list[str] = []
        self._name = uuid.uuid4()

    def __enter__(self) -> "OnvifDevice":
        device = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                if device.sends_on_to:
                    self.send_response(307)  # with method and body
                    self.send_header("Location", device.sends_on_to)
                    self.send_header("Content-Length", "0")
                    self.end_headers()
                    return
                status, answer = device.answer(body)
                data = _ENVELOPE.format(answer).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/soap+xml; charset=utf-8")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_: Any) -> None:
                pass

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = True
        self.port = self._http.server_address[1]
        self._udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._udp.bind(("127.0.0.1", 0))
        self._udp.settimeout(0.1)
        self.discovery_port = self._udp.getsockname()[1]
        self._stopping = threading.Event()
        self._threads = [
            threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.05}),
            threading.Thread(target=self._answer_probes),
        ]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: Any) -> None:
        self._stopping.set()
        self._http.shutdown()
        for thread in self._threads:
            thread.join()
        self._http.server_close()
        self._udp.close()

    def _answer_probes(self) -> None:
        while not self._stopping.is_set():
            try:
                data, sender = self._udp.recvfrom(65535)
            except TimeoutError:
                continue
            asked = re.search(r"MessageID[^>]*>([^<]+)<", data.decode(errors="replace"))
            if asked is None or b"Probe" not in data:
                continue
            addresses = (
                f"http://169.254.1.2/onvif/device_service "
                f"http://{self.host}:{self.port}/onvif/device_service"
            )
            answer = _MATCH.format(
                new=uuid.uuid4(), asked=asked[1], name=self._name, addresses=addresses
            )
            self._udp.sendto(answer.encode(), sender)

    def answer(self, body: str) -> tuple[int, str]:
        """(HTTP status, the SOAP body) for a request."""
        found = re.search(r"<(?:[\w-]+:)?Body[^>]*>\s*<(?:[\w-]+:)?(\w+)", body)
        deed = found[1] if found else ""
        self.asked.append(deed)
        if deed == "GetSystemDateAndTime":
            return 200, self._clock()
        if not self._is_signed(body):
            return 400, _REFUSED
        token = re.search(r"ProfileToken>([^<]*)<", body)
        ways = {
            "GetServices": self._services,
            "GetDeviceInformation": self._information,
            "GetProfiles": self._profiles,
            "GetStreamUri": lambda: self._uri("Stream", self._stream(token[1] if token else "")),
            "GetSnapshotUri": lambda: self._uri("Snapshot", f"http://127.0.0.1:{self.port}/s.jpg"),
        }
        if deed not in ways or (deed == "GetSnapshotUri" and not self.has_snapshot):
            return 500, _UNKNOWN
        return 200, ways[deed]()

    def _is_signed(self, body: str) -> bool:
        parts = {
            name: found[1]
            for name in ("Username", "Password", "Nonce", "Created")
            if (found := re.search(rf"<(?:[\w-]+:)?{name}\b[^>]*>([^<]*)<", body))
        }
        if len(parts) < 4 or parts["Username"] != self.username:
            return False
        created = datetime.fromisoformat(parts["Created"].replace("Z", "+00:00"))
        if abs(created - (datetime.now(UTC) + self.ahead)) > timedelta(seconds=60):
            return False  # a clock that runs wrong refuses what is signed by a right one
        text = base64.b64decode(parts["Nonce"]) + (parts["Created"] + self.password).encode()
        digest = hashlib.sha1(text, usedforsecurity=False).digest()
        return base64.b64encode(digest).decode() == parts["Password"]

    def _clock(self) -> str:
        now = datetime.now(UTC) + self.ahead
        return (
            "<tds:GetSystemDateAndTimeResponse><tds:SystemDateAndTime>"
            "<tt:DateTimeType>Manual</tt:DateTimeType><tt:DaylightSavings>false</tt:DaylightSavings>"
            f"<tt:UTCDateTime><tt:Time><tt:Hour>{now.hour}</tt:Hour><tt:Minute>{now.minute}"
            f"</tt:Minute><tt:Second>{now.second}</tt:Second></tt:Time><tt:Date><tt:Year>{now.year}"
            f"</tt:Year><tt:Month>{now.month}</tt:Month><tt:Day>{now.day}</tt:Day></tt:Date>"
            "</tt:UTCDateTime></tds:SystemDateAndTime></tds:GetSystemDateAndTimeResponse>"
        )

    def _services(self) -> str:
        # The place that it names is not where it was found, as behind a router.
        services = "".join(
            f"<tds:Service><tds:Namespace>http://www.onvif.org/ver10/{kind}/wsdl</tds:Namespace>"
            f"<tds:XAddr>http://169.254.169.254/onvif/{kind}_service</tds:XAddr><tds:Version>"
            "<tt:Major>2</tt:Major><tt:Minor>0</tt:Minor></tds:Version></tds:Service>"
            for kind in ("device", "media")
        )
        return f"<tds:GetServicesResponse>{services}</tds:GetServicesResponse>"

    def _information(self) -> str:
        return (
            "<tds:GetDeviceInformationResponse><tds:Manufacturer>Farm</tds:Manufacturer>"
            f"<tds:Model>{self.model}</tds:Model><tds:FirmwareVersion>V1.2.3</tds:FirmwareVersion>"
            "<tds:SerialNumber>0815</tds:SerialNumber><tds:HardwareId>1</tds:HardwareId>"
            "</tds:GetDeviceInformationResponse>"
        )

    def _profiles(self) -> str:
        profiles = "".join(
            f'<trt:Profiles token="{token}" fixed="true"><tt:Name>{token}</tt:Name>'
            f'<tt:VideoEncoderConfiguration token="e-{token}"><tt:Name>e</tt:Name><tt:UseCount>1'
            "</tt:UseCount><tt:Encoding>H264</tt:Encoding><tt:Resolution>"
            f"<tt:Width>{width}</tt:Width><tt:Height>{height}</tt:Height></tt:Resolution>"
            "<tt:Quality>4</tt:Quality><tt:SessionTimeout>PT60S</tt:SessionTimeout>"
            "</tt:VideoEncoderConfiguration></trt:Profiles>"
            for token, width, height in self.profiles
        )
        return f"<trt:GetProfilesResponse>{profiles}</trt:GetProfilesResponse>"

    def _stream(self, token: str) -> str:
        return self.stream.format(host="127.0.0.1", token=token)

    def _uri(self, kind: str, address: str) -> str:
        return (
            f"<trt:Get{kind}UriResponse><trt:MediaUri><tt:Uri>{address}</tt:Uri>"
            "<tt:InvalidAfterConnect>false</tt:InvalidAfterConnect><tt:InvalidAfterReboot>false"
            "</tt:InvalidAfterReboot><tt:Timeout>PT60S</tt:Timeout></trt:MediaUri>"
            f"</trt:Get{kind}UriResponse>"
        )
