// Bahasa Indonesia. The words for our own things, which every sentence keeps to:
//   space ruang · stage panggung · host pemandu · co-host rekan pemandu · speaker pembicara · listener pendengar ·
//   seat kursi · hand angkat tangan · on air mengudara · live langsung · backstage di balik panggung ·
//   waiting room ruang tunggu · line antrean · recording rekaman · replay siaran ulang · link tautan ·
//   invitation undangan · mute bisukan · browser peramban
// Readers are "Anda". Indonesian has one plural form: Intl says so, and sentences with a number need no other.

import type { words as apiWords } from '../api/messages.en.ts'
import type { words as homeWords } from '../home/messages.en.ts'
import type { besideMessages as besideWords } from '../listen/beside/messages.en.ts'
import type { handMessages as handWords } from '../listen/hands/messages.en.ts'
import type { messages as listenWords } from '../listen/messages.en.ts'
import type { words as operatorWords } from '../operator/messages.en.ts'
import type { words as nowWords } from '../operator/now/messages.en.ts'
import { spellDuration } from '../parts/duration.ts'
import { formatNumber, formatUnit, joinNames } from '../parts/language.ts'
import type { words as stageWords } from '../stage/messages.en.ts'
import type { roomWords } from '../stage/room/messages.en.ts'
import type { Translation, TranslationFacts } from './translation.ts'

export const translation: TranslationFacts = { name: 'Bahasa Indonesia', direction: 'ltr', isComplete: true }

export const home: Translation<typeof homeWords> = {
  listening: (n) => `${formatNumber(n)} pendengar`,
  soon: 'segera',
}

export const listen: Translation<typeof listenWords> = {
  listen: 'Dengarkan',
  pause: 'Jeda',
  replay: 'Putar siaran ulang',
  mute: 'Bisukan',
  unmute: 'Bunyikan',
  volume: 'Volume suara',
  backToLive: 'Kembali ke siaran langsung',
  tryAgain: 'Coba lagi',
  share: 'Bagikan',
  linkCopied: 'Tautan tersalin',
  copyThis: 'Salin tautan ini:',
  position: 'Posisi',
  speed: 'Kecepatan',
  host: 'Pemandu',
  cohost: 'Rekan pemandu',
  muted: 'dibisukan',
  expected: 'dinantikan',

  pill: {
    scheduled: 'Terjadwal',
    lobby: 'Segera mulai',
    live: 'Langsung',
    ended: 'Selesai',
    replay: 'Siaran ulang',
  },

  headline: {
    scheduled: 'Tekan putar sekali saja, nanti mulai dengan sendirinya.',
    early: 'Anda sudah masuk. Nanti mulai dengan sendirinya.',
    waiting: 'Ruang sedang penuh. Anda sudah punya tempat di antrean.',
    lobby: 'Ruang sudah dibuka. Tekan putar untuk menunggu di dalam.',
    'lobby-in': 'Anda sudah masuk. Nanti mulai dengan sendirinya.',
    ready: 'Tekan putar untuk mendengarkan.',
    connecting: 'Menghubungkan…',
    live: 'Anda sedang mendengarkan langsung.',
    'catching-up': 'Mengejar ketinggalan…',
    stalled: 'Menunggu suara…',
    lost: 'Sambungan terputus. Menyambung kembali…',
    busy: 'Server sedang sangat sibuk. Akan dicoba lagi dengan sendirinya…',
    opening: 'Sudah dimulai. Kata-kata pertama segera terdengar.',
    held: 'Jeda sebentar. Segera dilanjutkan.',
    slate: 'Saat ini tidak ada orang di panggung.',
    reconnecting: 'Panggung sedang menyambung kembali. Sebentar lagi dilanjutkan.',
    behind: 'Anda mendengarkan sedikit lebih lambat dari siaran langsung.',
    paused: 'Dijeda.',
    refused: 'Peramban Anda perlu satu ketukan lagi sebelum memutar.',
    ended: 'Percakapan ini sudah selesai.',
    withheld: 'Percakapan ini sudah selesai.',
    'ended-replay': 'Percakapan ini sudah selesai. Dengarkan dari awal.',
    replaying: 'Anda sedang mendengarkan siaran ulang.',
    'replay-loading': 'Memuat siaran ulang…',
    'replay-paused': 'Siaran ulang dijeda.',
    'replay-over': 'Siaran ulang sudah habis.',
    unsupported: 'Peramban ini tidak dapat memutarnya di sini.',
    failed: 'Suaranya tidak sampai ke sini.',
    removed: 'Percakapan ini telah dihapus.',
  },
  detail: {
    ended: 'Percakapan ini tidak direkam, jadi tidak ada siaran ulang. Terima kasih sudah hadir.',
    unsupported: 'Buka siarannya di aplikasi pemutar, misalnya VLC.',
    failed: 'Coba lagi, atau buka siarannya di aplikasi pemutar.',
    lost: 'Jika hanya sebentar, yang terlewat akan diputarkan untuk Anda.',
    busy: 'Jaringan Anda baik-baik saja. Tidak ada yang perlu ditekan.',
    held: 'Tetaplah di sini: tidak ada yang perlu ditekan.',
    slate: 'Tetaplah di sini: akan berlanjut sendiri bila ada yang kembali.',
    reconnecting: 'Sambungan Anda baik-baik saja. Tidak ada yang perlu ditekan.',
    withheld: 'Percakapan ini direkam, tetapi rekamannya tidak dapat didengarkan di sini.',
    removed: 'Pengelola server ini telah menghapusnya. Perangkat Anda baik-baik saja.',
    early: 'Biarkan halaman ini terbuka. Musik lembut menandakan pintu sudah dibuka.',
  },

  replayFrom: (clock) => `Percakapan ini sudah selesai. Dengarkan mulai ${clock}.`,
  momentLater: (clock) => `Bagian pada ${clock} dapat didengarkan di sini setelah selesai.`,
  neverBegan: 'Percakapan ini berakhir sebelum dimulai. Terima kasih sudah hadir.',

  line: {
    ahead: (people) =>
      people === 0
        ? 'Giliran Anda berikutnya.'
        : `${people > 20 ? 'Sekitar ' : ''}${formatNumber(people)} orang di depan Anda.`,
    wait: (wait) => {
      switch (wait.kind) {
        case 'now':
          return 'Giliran Anda. Sebentar…'
        case 'moments':
          return 'Kurang dari satu menit. Nanti mulai dengan sendirinya.'
        case 'minutes':
          return `Sekitar ${formatNumber(wait.minutes)} menit. Nanti mulai dengan sendirinya.`
        case 'long':
          return 'Sejauh ini, lebih dari satu jam. Nanti mulai dengan sendirinya.'
        case 'unknown':
          return 'Lamanya belum dapat dipastikan: tempat terbuka bila ada yang keluar. Nanti mulai dengan sendirinya.'
      }
    },
    tap: 'Peramban Anda perlu satu ketukan sekarang, supaya nanti dapat mulai sendiri.',
    sound: 'Musik lembut selama menunggu',
    leave: 'Keluar dari antrean',
    left: 'Anda sudah keluar dari antrean. Tempat Anda disimpan untuk sementara.',
  },

  shareMoment: 'Bagikan bagian ini',
  problem: 'Laporkan masalah',
  problemFailed: 'Gagal dimuat. Coba lagi',

  raise: 'Angkat tangan',
  raiseFailed: 'Gagal dimuat. Coba lagi',

  saveData: 'Hemat data, dengan suara yang lebih sederhana',
  savingData: 'Suara lebih sederhana, untuk menghemat data.',
  sparingLine: 'Untuk sementara suara lebih sederhana, supaya semua dapat masuk.',

  recordedBefore: 'Percakapan ini akan direkam.',
  notRecordedBefore: 'Percakapan ini tidak akan direkam.',
  recordedNow: 'Percakapan ini sedang direkam.',
  notRecordedNow: 'Percakapan ini tidak direkam.',
  recordedAfter: 'Percakapan ini telah direkam.',

  listening: (n) => `${formatNumber(n)} pendengar`,
  audience: 'Berapa yang mendengarkan',
  audienceRows: {
    listeners: 'Sedang mendengarkan',
    peak: 'Terbanyak sekaligus',
    unique: 'Perangkat berbeda, kira-kira',
    replaying: 'Mendengarkan rekaman',
    turnedAway: 'Tidak mendapat tempat',
    gaveUp: 'Pergi sebelum mendengar apa pun',
    couldNotPlay: 'Tidak dapat memutar',
  },
  howWeCount: 'Cara kami menghitung, dan cara memeriksanya',
  number: (n) => formatNumber(n),
  onAirFor: (clock) => `mengudara selama ${clock}`,
  startsAt: (when) => `Mulai ${when}`,
  yourTime: (zone) => `Waktu di tempat Anda: ${zone}`,
  startsIn: (countdown) => `${countdown} lagi`,
  startsNow: 'Sekarang dimulai.',
  hostStarts: 'Pemandu akan segera memulai.',
  endsUnless: (left) =>
    `Tidak ada orang di panggung. Akan berakhir sendiri dalam ${left}, kecuali ada yang kembali.`,
  behind: (duration) => `tertinggal ${duration}`,
  latency: (seconds) =>
    seconds < 1.5
      ? 'sekitar satu detik di belakang panggung'
      : `sekitar ${formatNumber(Math.round(seconds))} detik di belakang panggung`,
  stageEmpty: 'Belum ada orang di panggung.',
  stageUnknown: 'Orang-orang di panggung akan tampil di sini.',
  stageHidden: 'Di perangkat ini tidak terlihat siapa yang berbicara.',
  nowSpeaking: (names) =>
    names.length === 0 ? 'Tidak ada yang berbicara.' : `${joinNames(names)} sedang berbicara.`,
  positionOf: (at, whole) => `${at} dari ${whole}`,
}

/** What goes beside the sound. */
export const beside: Translation<typeof besideWords> = {
  react: 'Beri reaksi',
  reactions: {
    heart: 'Hati',
    clap: 'Tepuk tangan',
    laugh: 'Tertawa',
    wonder: 'Kagum',
    agree: 'Setuju',
  },
  counted: (n) => formatNumber(n),
  volumeAt: (percent) => `${formatNumber(percent)} %`,

  momentCopied: 'Tautan ke bagian ini tersalin',
  copyThis: 'Salin tautan ini:',

  problem: {
    thanks: 'Terima kasih. Petugas sekarang dapat melihatnya.',
    sent: 'Inilah yang dikirim, dan tidak ada apa pun tentang Anda:',
    enough: 'Terima kasih. Jaringan Anda sudah cukup sering melaporkan; petugas sudah tahu.',
    notSent: 'Tidak dapat dikirim. Periksa sambungan Anda, lalu tekan lagi.',
    close: 'Tutup',
    rows: {
      state: 'Yang tertulis di halaman',
      firstAudioMs: 'Waktu sampai suara pertama',
      gaps: 'Suara terputus',
      reconnects: 'Tersambung kembali',
      bufferMs: 'Suara dalam simpanan',
      behindMs: 'Lebih lambat dari seharusnya',
      latencyMs: 'Di belakang panggung',
      network: 'Jaringan',
      speed: 'Kecepatan jaringan',
      track: 'Jenis siaran',
      page: 'Versi halaman ini',
    },
    noSoundYet: 'belum ada',
    seconds: (seconds) => formatUnit(Math.round(seconds * 10) / 10, 'second', 'short'),
    times: (n) => formatNumber(n),
  },
}

/** Raising a hand. */
export const hands: Translation<typeof handWords> = {
  name: 'Nama Anda, seperti yang akan dilihat pemandu',
  raise: 'Angkat tangan',
  cancel: 'Batal',
  raising: 'Sebentar…',
  up: 'Tangan Anda terangkat.',
  place: (place) =>
    place === 1 ? 'Giliran Anda berikutnya.' : `${formatNumber(place - 1)} orang sebelum Anda.`,
  upHint: 'Biarkan halaman ini terbuka. Anda akan diberi tahu di sini saat tiba giliran Anda.',
  lower: 'Turunkan tangan',
  lost: 'Server sedang tidak menjawab. Tangan Anda tetap terangkat; akan dicoba lagi dengan sendirinya.',
  accepted: 'Anda boleh berbicara sekarang.',
  acceptedHint:
    'Anda mencoba mikrofon dulu. Tidak ada yang mendengar Anda sebelum Anda menekan “Naik ke panggung”.',
  go: 'Menuju panggung',
  notNow: 'Nanti saja',
  titleUp: (title) => `● Anda boleh berbicara sekarang · ${title}`,
  inside: 'Panggung',
  back: 'Kembali mendengarkan',
  onStage: 'Anda di panggung.',
  seated: 'Kursi Anda di panggung masih milik Anda.',
  goBack: 'Kembali ke panggung',
  leave: 'Lepaskan kursi',
  inTab: 'Peramban Anda memisahkan halaman ini dari panggung. Panggung dibuka di tab tersendiri.',
  openTab: 'Buka panggung',
  again: 'Angkat tangan lagi',
  down: {
    declined:
      'Belum kali ini. Terima kasih sudah mengangkat tangan; silakan terus mendengarkan, atau coba lagi nanti.',
    lowered: 'Untuk sementara pemandu menurunkan semua tangan. Terima kasih sudah mengangkat tangan.',
    expired:
      'Giliran Anda lewat karena tidak ada yang datang. Angkat tangan lagi jika Anda masih ingin berbicara.',
    gone: 'Tangan Anda turun selagi halaman ini tidak terbuka.',
    full: 'Terlalu banyak tangan terangkat saat ini. Coba lagi sebentar lagi.',
    closed: 'Saat ini belum dibuka kesempatan mengangkat tangan.',
    trouble: 'Server tidak menjawab. Periksa sambungan Anda, lalu coba lagi.',
    left: 'Anda kembali di antara pendengar. Terima kasih sudah berbicara.',
    refused: (why) => why,
  },
}

export const stage: Translation<typeof stageWords> = {
  loading: 'Sebentar…',
  house: 'Mimbar',

  unreachable: {
    title: 'Server tidak menjawab',
    body: 'Halaman ini mencoba lagi dengan sendirinya. Jika terus begini, periksa jaringan Anda.',
    again: 'Coba sekarang',
  },
  notFound: {
    title: 'Ruang ini tidak ada',
    body: 'Mintalah tautannya kepada yang mengundang Anda; mungkin ada yang salah ketik.',
  },
  needsLink: {
    none: {
      title: 'Anda memerlukan tautan ke panggung',
      body: 'Buka tautan pemandu atau undangan yang Anda terima di peramban ini.',
    },
    refused: {
      title: 'Tautan ini tidak berlaku lagi',
      body: 'Sudah ada tautan yang lebih baru. Mintalah kepada pengelola ruang ini.',
    },
    lost: {
      title: 'Peramban ini tidak memegang kursi di sini',
      body: 'Buka lagi tautan Anda untuk mengambil kursi.',
    },
    listen: 'Dengarkan saja',
  },

  greenRoom: {
    lead: 'Belum ada yang mendengar Anda. Periksa mikrofon, lalu bergabunglah.',
    asHost: 'Anda masuk sebagai pemandu',
    asSpeaker: 'Anda masuk sebagai pembicara',
    name: 'Nama Anda',
    nameHint: 'Semua pendengar akan melihatnya.',
    microphone: 'Mikrofon',
    turnOn: 'Nyalakan mikrofon saya',
    asking: 'Peramban Anda sedang meminta izin…',
    level: 'Kuat suara mikrofon Anda',
    device: 'Mikrofon yang mana',
    deviceUnnamed: (index) => `Mikrofon ${index}`,
    recorded: 'Ruang ini direkam',
    recordedBody: 'Yang Anda katakan dapat diputar kembali setelah acara selesai.',
    consent: 'Saya setuju direkam',
    join: 'Naik ke panggung',
    joining: 'Menuju panggung…',
    missing: (what) => `Masih diperlukan: ${joinNames(what)}.`,
    missingName: 'nama Anda',
    missingMicrophone: 'mikrofon Anda',
    missingConsent: 'persetujuan Anda untuk direkam',
    back: (name) => `Anda punya kursi di sini sebagai ${name}.`,
    returnTo: 'Kembali ke kursi saya',
    somebodyElse: 'Saya orang lain',
    raw: 'Pengolahan gema dan derau dimatikan.',
  },
  verdicts: {
    listening: 'Katakan sesuatu…',
    silent: 'Mikrofon ini tidak mengeluarkan suara sama sekali. Apakah mati, atau bukan yang ini?',
    quiet: 'Sangat pelan. Mendekatlah, atau keraskan.',
    clipping: 'Terlalu keras sampai pecah. Menjauhlah sedikit, atau kecilkan.',
    good: 'Suara Anda bagus.',
  },
  soundCheck: {
    title: 'Cek suara',
    lead: 'Ucapkan satu kalimat. Suara Anda pergi ke panggung dan kembali, persis seperti yang akan didengar orang lain. Tidak ada orang lain yang mendengarnya, dan tidak disimpan.',
    start: 'Cek suara saya',
    again: 'Cek lagi',
    stop: 'Hentikan cek',
    going: {
      asking: 'Menghubungi panggung…',
      connecting: 'Menyambung ke panggung…',
      speak: 'Ucapkan satu kalimat sekarang.',
      recording: 'Teruskan… berhentilah sejenak bila kalimat Anda selesai.',
      playing: 'Inilah Anda, seperti yang didengar panggung. Diamlah sebentar.',
    },
    fine: 'Suara Anda bagus.',
    joinAnyway: 'Anda dapat bergabung tanpa cek suara.',
    failed: {
      refused: 'Cek suara ditolak.',
      unreachable: 'Server tidak menjawab.',
      lost: 'Sambungan terputus selama cek suara. Coba lagi.',
    },
    findings: {
      'no-permission': {
        what: 'Mikrofon Anda tidak diizinkan.',
        fix: 'Izinkan lewat ikon di sebelah alamat, lalu cek lagi.',
      },
      'udp-blocked': {
        what: 'Jaringan Anda meloloskan halaman ini, tetapi tidak suaranya (UDP diblokir).',
        fix: 'Coba jaringan lain, misalnya dari ponsel Anda, atau matikan VPN. Di kantor, mintalah UDP keluar ke server ini dibuka.',
      },
      silent: {
        what: 'Tidak ada suara dari mikrofon Anda.',
        fix: 'Pilih mikrofon lain, atau carilah sakelar bisu di perangkat dan di pengaturan sistem Anda.',
      },
      clipping: {
        what: 'Terlalu keras sampai pecah.',
        fix: 'Menjauhlah sedikit, atau kecilkan mikrofonnya.',
      },
      quiet: { what: 'Terlalu pelan.', fix: 'Mendekatlah, atau keraskan mikrofonnya.' },
      echo: {
        what: 'Orang lain akan mendengar suara mereka sendiri dari pengeras suara Anda.',
        fix: 'Pakailah headphone.',
      },
      loss: {
        what: 'Jaringan Anda kehilangan paket.',
        fix: 'Mendekatlah ke perute Wi-Fi, pakai kabel, atau tutup yang lain yang memakai jaringan.',
      },
      delay: {
        what: 'Suara Anda lama sampai ke panggung.',
        fix: 'Orang lain mungkin berbicara bersamaan dengan Anda. Kabel atau jaringan lain mungkin membantu.',
      },
    },
    told: {
      unchecked: 'Suara belum dicek',
      fine: 'Suara sudah dicek: bagus',
      found: (what) => `Cek suara: ${joinNames(what)}`,
      findings: {
        'no-permission': 'mikrofon tidak diizinkan',
        'udp-blocked': 'UDP diblokir',
        silent: 'tidak terdengar apa-apa',
        clipping: 'terlalu keras',
        quiet: 'terlalu pelan',
        echo: 'gema, perlu headphone',
        loss: 'kehilangan paket',
        delay: 'sangat terlambat',
      },
    },
  },
  soundChoices: {
    speaker: 'Pengeras suara',
    speakerUnnamed: (index) => `Pengeras suara ${index}`,
    processing: 'Yang dilakukan peramban terhadap suara Anda',
    echoCancellation: {
      title: 'Redam gema',
      hint: 'Menjaga suara orang lain tidak masuk ke mikrofon Anda. Matikan hanya bila memakai headphone.',
    },
    noiseSuppression: {
      title: 'Redam derau',
      hint: 'Menghilangkan suara kipas dan papan ketik. Matikan untuk musik.',
    },
    autoGainControl: { title: 'Ratakan kuat suara', hint: 'Matikan bila Anda punya mixer sendiri.' },
    strongSuppression: {
      title: 'Redam derau dengan kuat',
      hint: 'Untuk jalan atau ruangan yang ramai: RNNoise di komputer ini, menggantikan peredam bawaan peramban. Memakai lebih banyak baterai; bukan untuk musik.',
      cannot: 'Peramban ini sedang tidak dapat melakukannya, jadi peredam bawaannya yang dipakai.',
    },
  },
  captureFailures: {
    insecure: {
      title: 'Mikrofon tidak dapat dibuka di halaman ini',
      body: 'Peramban hanya membuka mikrofon untuk halaman yang datang lewat HTTPS atau dari localhost. Halaman ini datang lewat HTTP biasa.',
      fix: 'Pengelola server dapat memasang sertifikat (pengaturan tls-cert dan tls-key). Di server itu sendiri, http://localhost dapat dipakai tanpa sertifikat.',
    },
    denied: {
      title: 'Mikrofon tidak diizinkan',
      body: 'Peramban Anda, atau sistemnya, menolak untuk halaman ini.',
      fix: 'Izinkan lewat ikon di sebelah alamat (atau di pengaturan privasi sistem), lalu coba lagi.',
    },
    none: {
      title: 'Mikrofon tidak ditemukan',
      body: 'Pasang mikrofon, atau sambungkan headset Anda.',
      fix: 'Setelah itu coba lagi.',
    },
    busy: {
      title: 'Mikrofon sedang dipakai',
      body: 'Program lain memegangnya, mungkin panggilan lain.',
      fix: 'Tutup program itu, lalu coba lagi.',
    },
    failed: {
      title: 'Mikrofon tidak terbuka',
      body: 'Peramban tidak menyebutkan sebabnya.',
      fix: 'Coba lagi, atau coba peramban lain.',
    },
  },
  tryAgain: 'Coba lagi',

  returning: {
    title: 'Selamat datang kembali',
    body: (name) => `Kursi Anda sebagai ${name} masih milik Anda. Peramban Anda perlu satu ketukan.`,
    button: 'Kembali ke panggung',
  },

  offAir: 'Tidak mengudara',
  line: { losing: 'Sinyal buruk', late: 'Sinyal lambat' },
  lines: {
    losing: (name, loss) =>
      `Jaringan ${name} kehilangan paket${loss >= 0.01 ? ` (${formatNumber(Math.round(loss * 100))} %)` : ''}: mungkin ada kata yang hilang.`,
    late: (name) => `Suara ${name} datang terlambat: tunggulah sejenak sebelum menjawab.`,
  },
  waiting: (n) => `${formatNumber(n)} orang menunggu`,
  listeners: (n) => `${formatNumber(n)} pendengar`,
  recordedPill: 'Direkam',
  audienceLine: (first, now, most) =>
    `Pendengar sejak Anda datang: mula-mula ${formatNumber(first)}, sekarang ${formatNumber(now)}, paling banyak ${formatNumber(most)}.`,
  clockLabel: 'Mengudara selama',
  startsIn: (duration) => `Rencana mulai ${duration} lagi`,
  startOverdue: (duration) => `Rencana mulai sudah lewat ${duration}`,

  plan: {
    byItself: (time) => `Mulai dengan sendirinya pukul ${time}`,
    byHost: (time) => `Direncanakan pukul ${time}. Pemandu yang memulai`,
    in: (duration) => `${duration} lagi`,
    choice: 'Mulai dengan sendirinya pada detik itu, entah saya menekan Mulai atau tidak',
    lateness: (ms) =>
      Math.abs(ms) < 1_000
        ? `Mulai tepat waktu: suara pertama mengudara ${formatNumber(Math.max(0, ms))} ms setelah detiknya.`
        : `Mulai ${spellDuration(Math.abs(ms))} ${ms < 0 ? 'sebelum' : 'setelah'} waktu yang direncanakan.`,
  },

  checklist: {
    title: 'Sebelum Anda mulai',
    ready: 'Semua siap',
    done: {
      here: 'Semua sudah hadir',
      mine: 'Mikrofon Anda menyala',
      heard: 'Semua sudah terdengar',
      headphones: 'Tidak ada gema dari siapa pun',
      time: 'Masih ada waktu',
    },
    open: {
      here: (names) => (names.length === 0 ? 'Belum ada orang lain' : `Belum terhubung: ${joinNames(names)}`),
      mine: 'Mikrofon Anda dibisukan',
      heard: (names) => `Belum terdengar: ${joinNames(names)}. Mintalah sepatah kata`,
      headphones: (names) =>
        names.length === 0
          ? 'Tanyakan apakah semua memakai headphone'
          : `Pengeras suara masuk ke mikrofon: ${joinNames(names)}. Mintalah memakai headphone`,
      time: 'Waktu yang direncanakan sudah lewat',
    },
  },

  people: 'Di panggung',
  me: 'Anda',
  role: { host: 'Pemandu', cohost: 'Rekan pemandu', speaker: 'Pembicara' },
  state: {
    speaking: 'Berbicara',
    muted: 'Dibisukan',
    silent: 'Mik menyala',
    absent: 'Luring',
    connecting: 'Menghubungkan…',
    reconnecting: 'Menyambung lagi…',
  },

  aloneHost:
    'Anda yang pertama di sini. Kirimkan tautan undangan kepada mereka yang akan berbicara bersama Anda.',
  aloneSpeaker: 'Anda yang pertama di sini.',

  microphone: {
    open: 'Mikrofon menyala',
    openLive: 'Anda mengudara',
    muted: 'Mikrofon dibisukan',
    pressToMute: 'Tekan untuk membisukan',
    pressToSpeak: 'Tekan untuk berbicara',
    gone: 'Mikrofon Anda tercabut.',
    systemMuted: 'Sistem Anda membisukan mikrofon.',
    another: 'Pakai mikrofon lain',
    settings: 'Mikrofon',
  },
  connection: {
    connecting: 'Menghubungkan Anda ke panggung…',
    refused: (detail) => detail,
    reconnecting: 'Sambungan terputus. Menyambung kembali… saat ini tidak ada yang mendengar Anda.',
    losing: (percent) =>
      `${formatNumber(percent)} % suara Anda hilang di jalan. Cobalah mendekat ke perute Wi-Fi.`,
    late: 'Jaringan Anda menahan suara Anda, jadi terlambat sampai. Orang lain mungkin berbicara bersamaan.',
    control: 'Studio tidak menjawab. Anda dapat terus berbicara; nama dan jumlah mungkin belum terbaru.',
  },
  soundBlocked: 'Peramban Anda menahan suara.',
  hearOthers: 'Dengarkan yang lain',

  host: {
    start: 'Mulai',
    startHint: 'Panggung mulai mengudara',
    end: 'Akhiri',
    endTitle: 'Akhiri ruang ini?',
    endBody:
      'Pendengar diberi tahu bahwa acara selesai, dan semua orang turun dari panggung. Ini tidak dapat dibatalkan.',
    endConfirm: 'Akhiri untuk semua',
    keep: 'Lanjutkan',
    mute: (name) => `Bisukan ${name}`,
    remove: (name) => `Keluarkan ${name}`,
    removeTitle: (name) => `Keluarkan ${name} dari panggung?`,
    removeBody:
      'Untuk kembali, mereka memerlukan tautan undangan yang masih berlaku. Anda punya 10 detik untuk mengurungkannya.',
    removeConfirm: 'Keluarkan',
    cancel: 'Batal',
  },
  share: {
    title: 'Tautan untuk mendengarkan',
    body: 'Tautan ini boleh diberikan kepada siapa saja.',
    copy: 'Salin',
    copied: 'Tersalin',
    invite:
      'Untuk mengajak pembicara lain, kirimkan tautan undangan yang dibuat bersama ruang ini. “Undangan baru” membuat yang lain, dan yang itu tidak berlaku lagi.',
  },
  leave: {
    button: 'Keluar',
    title: 'Turun dari panggung?',
    bodyHost: 'Ruang ini berjalan terus tanpa Anda. Untuk kembali, Anda memerlukan tautan pemandu lagi.',
    bodySpeaker: 'Untuk kembali, Anda memerlukan tautan undangan lagi.',
    confirm: 'Keluar',
    stay: 'Tetap di sini',
  },

  left: {
    title: 'Anda sudah turun dari panggung',
    body: 'Terima kasih sudah hadir.',
    listen: 'Lanjut mendengarkan',
  },
  removed: {
    title: 'Anda tidak lagi di panggung',
    body: 'Pemandu mengeluarkan Anda. Anda masih dapat mendengarkan.',
    listen: 'Dengarkan',
  },
  replaced: {
    tab: {
      title: 'Anda bergabung dari tab lain',
      body: 'Kursi Anda kini di sana, dan mikrofon di sini mati.',
    },
    device: {
      title: 'Anda bergabung dari perangkat lain',
      body: 'Kursi Anda kini di sana, dan mikrofon di sini mati. Untuk membawanya kembali, buka lagi tautan Anda di sini.',
    },
    back: 'Pindahkan kembali ke sini',
  },
  ended: {
    title: 'Ruang ini sudah berakhir',
    body: 'Mikrofon Anda mati.',
    lasted: (duration) => `Mengudara selama ${duration}.`,
    replay: 'Dengarkan siaran ulang',
    noReplay: 'Acara ini tidak direkam.',
    withheld: 'Acara ini direkam, dan rekamannya ditahan.',
  },

  told: {
    onAir: 'Anda mengudara.',
    offAir: 'Pendengar kini mendengar pengumuman.',
    held: 'Jeda: tidak ada yang mengudara.',
    resumed: 'Jeda selesai. Yang tadi mengudara, mengudara lagi.',
    putOn: 'Anda kini mengudara: pendengar mendengar Anda.',
    tookOff: 'Anda tidak lagi mengudara: hanya orang-orang di panggung yang mendengar Anda.',
    otherOn: (name) => `${name} mengudara.`,
    otherOff: (name) => `${name} tidak lagi mengudara.`,
    joined: (name) => `${name} naik ke panggung.`,
    gone: (name) => `${name} turun dari panggung.`,
    mutedByHost: 'Pemandu membisukan Anda.',
    openingFailed: 'Server tidak dapat diberi tahu, jadi mikrofon Anda tetap dibisukan.',
    reconnected: 'Anda tersambung kembali.',
  },
  failed: {
    unreachable: 'Server tidak menjawab. Coba lagi.',
    close: 'Tutup',
  },
}

export const room: Translation<typeof roomWords> = {
  air: {
    waiting: {
      word: 'Di balik panggung',
      body: 'Panggung sedang disiapkan. Anda dapat menunggu di sini.',
    },
    backstage: { word: 'Di balik panggung', body: 'Hanya orang-orang di panggung yang mendengar Anda.' },
    live: { word: 'Mengudara', body: 'Pendengar mendengar Anda dan semua orang lain yang mengudara.' },
    offAir: {
      word: 'Tidak mengudara',
      body: 'Anda di balik panggung: orang-orang di panggung mendengar Anda, pendengar tidak. Pemandu yang membuat Anda mengudara.',
    },
    held: {
      word: 'Jeda',
      body: 'Tidak ada yang mengudara. Pendengar mendengar “Kami segera kembali” dalam bahasa Inggris; Anda tetap saling mendengar.',
    },
    starting: {
      word: 'Mulai mengudara',
      body: 'Sedetik lagi, pendengar mendengar semua yang dikatakan di sini.',
    },
    opening: {
      word: 'Mengudara sejak kata pertama Anda',
      body: 'Pendengar mendengar “Kami segera mulai” dalam bahasa Inggris sampai ada yang berbicara di sini.',
    },
    standingIn: {
      word: 'Pengumuman diputar',
      body: 'Pendengar mendengar pengumuman sampai ada orang di panggung yang tersambung kembali.',
    },
  },
  airControls: {
    hold: 'Jeda',
    holdHint:
      'Sebentar tidak ada yang mengudara. Pendengar mendengar “Kami segera kembali” dalam bahasa Inggris',
    resume: 'Mengudara lagi',
    stepBack: 'Berhenti mengudara',
    stepForward: 'Mengudara',
    putOn: (name) => `Buat ${name} mengudara`,
    takeOff: (name) => `Hentikan ${name} mengudara`,
    arrivals: 'Pendatang baru',
    arrivalsChoice: 'Menunggu di balik panggung',
    arrivalsHint:
      'Yang bergabung setelah mulai terdengar di panggung, dan oleh pendengar setelah Anda membuatnya mengudara.',
  },
  ending: (left) =>
    `Panggung sempat kosong. Ruang ini berakhir sendiri dalam ${left}, kecuali sebelum itu ada orang di panggung.`,
  hands: {
    title: 'Tangan',
    up: (count) => `${formatNumber(count)} tangan terangkat`,
    open: 'Pendengar boleh mengangkat tangan',
    none: 'Yang ingin berbicara tampil di sini, sesuai urutan.',
    closed: 'Bukalah bila Anda menginginkan pertanyaan dari pendengar.',
    accept: 'Terima',
    acceptName: (name) => `Terima ${name}`,
    decline: 'Tolak',
    declineName: (name) => `Tolak ${name}`,
    called: 'dipanggil, sedang menuju panggung',
    takeBack: 'Tarik kembali',
    takeBackName: (name) => `Tarik kembali panggilan untuk ${name}`,
    more: (count) => `${formatNumber(count)} lagi sesudah ini.`,
    lowerAll: 'Turunkan semua tangan',
  },
  title: 'Memandu ruang',
  asCohost: 'Anda masuk sebagai rekan pemandu',
  heldBy: (name) => `Pemandu sedang tidak ada. ${name} memegang ruang sampai pemandu kembali.`,
  heldByMe:
    'Pemandu sedang tidak ada, jadi Anda memegang ruang: Anda dapat membisukan, mengeluarkan, memulai, dan mengakhiri. Ruang kembali kepada pemandu saat ia datang lagi.',
  holds: 'memegang ruang',
  muteAll: 'Bisukan semua yang lain',
  lock: 'Kunci panggung',
  unlock: 'Buka kunci panggung',
  locked:
    'Panggung dikunci: tidak ada orang baru yang dapat mengambil kursi dengan undangan. Yang sudah punya kursi dapat kembali ke kursinya.',
  unlocked: 'Siapa pun yang memegang undangan dapat mengambil kursi.',
  newInvitation: 'Undangan baru…',
  ask: {
    'mute-all': {
      title: 'Bisukan semua yang lain?',
      body: 'Hanya Anda yang terdengar sampai mereka membunyikan mikrofonnya sendiri. Anda tidak dapat melakukannya untuk mereka.',
      confirm: 'Bisukan semuanya',
    },
    'new-invitation': {
      title: 'Buat undangan baru?',
      body: 'Yang lama langsung tidak berlaku. Pembicara yang sudah di panggung tetap memegang kursinya.',
      confirm: 'Buat yang baru',
    },
  },
  fresh: 'Undangan baru',
  freshBody: 'Hanya terlihat sekarang. Kirimkan kepada yang masih akan datang; yang lama tidak berlaku lagi.',
  freshDone: 'Sudah saya salin',
  makeCohost: (name) => `Jadikan ${name} rekan pemandu`,
  makeCohostTitle: (name) => `Jadikan ${name} rekan pemandu?`,
  makeCohostBody:
    'Ia dapat membisukan, mengeluarkan, memulai, dan mengakhiri, serta memegang ruang saat Anda tidak ada. Ia tidak dapat mengeluarkan Anda. Anda dapat menariknya kembali.',
  makeCohostConfirm: 'Jadikan rekan pemandu',
  makeSpeaker: (name) => `Jadikan ${name} pembicara lagi`,
  block: 'Blokir juga',
  blockBody:
    'Peramban ini tidak dapat mengambil kursi lagi. Yang membuka undangan di peramban lain tetap dapat masuk, kecuali undangannya dibuat baru.',
  renew: 'Buat undangan baru, supaya yang lama tidak berlaku lagi',
  removeAndBlock: 'Keluarkan dan blokir',
  removed: (name) => `${name} dikeluarkan.`,
  blocked: (name) => `${name} dikeluarkan dan diblokir.`,
  undo: 'Urungkan',
  restored: {
    title: 'Anda kembali ke panggung',
    body: (name) => `Anda batal dikeluarkan: kursi Anda sebagai ${name} kembali milik Anda.`,
    button: 'Kembali ke panggung',
  },
  told: {
    heldBy: (name) => `Pemandu sedang tidak ada. ${name} memegang ruang.`,
    heldByMe: 'Pemandu sedang tidak ada. Anda memegang ruang.',
    hostBack: 'Pemandu sudah kembali dan memegang ruang lagi.',
    cohost: 'Anda kini rekan pemandu.',
    speaker: 'Anda kini pembicara, bukan lagi rekan pemandu.',
    locked: 'Panggung dikunci.',
    unlocked: 'Kunci panggung dibuka.',
  },
}

/** Refusals of the API, whose own sentence is quoted: it is English, and more exact. */
export const api: Translation<typeof apiWords> = {
  'bad-request': (detail) => `Server tidak memahami permintaan ini: “${detail}”`,
  unauthorized: (detail) => `Diperlukan tautan yang masih berlaku. Kata server: “${detail}”`,
  forbidden: (detail) => `Ini tidak diizinkan. Kata server: “${detail}”`,
  'not-found': (detail) => `Ini tidak ditemukan. Kata server: “${detail}”`,
  gone: (detail) => `Ini sudah tidak ada lagi. Kata server: “${detail}”`,
  conflict: (detail) => `Saat ini tidak dapat dilakukan. Kata server: “${detail}”`,
  full: (detail) => `Saat ini tidak ada tempat lagi. Kata server: “${detail}”`,
  'too-many': (detail) => `Terlalu banyak sekaligus. Coba lagi sebentar lagi. Kata server: “${detail}”`,
  unavailable: (detail) => `Saat ini tidak tersedia. Coba lagi sebentar lagi. Kata server: “${detail}”`,
  internal: (detail) => `Ada yang rusak di pihak server: “${detail}”`,
}

export const operator: Translation<typeof operatorWords> = {
  title: 'Ruang',
  loading: 'Sebentar…',
  unreachable: 'Server tidak menjawab. Halaman ini mencoba lagi dengan sendirinya.',

  signIn: {
    title: 'Untuk operator server ini',
    body: 'Buka tautan operator yang dicetak Mimbar saat pertama kali dijalankan. Ujungnya #operator= dan sebuah rahasia.',
    lost: 'Hilang? Di server, perintah ini mencetak tautan baru, dan yang lama tidak berlaku lagi:',
    command: 'npx mimbar links --operator',
    refused: 'Tautan operator ini tidak berlaku lagi.',
    signingIn: 'Sedang masuk…',
    tooMany:
      'Terlalu banyak percobaan dengan tautan yang tidak berlaku. Tunggu semenit, lalu muat ulang halaman ini.',
  },
  signOut: 'Keluar',

  make: {
    title: 'Ruang baru',
    name: 'Judul',
    nameHint: 'Tentang apa acaranya. Pendengar melihatnya.',
    start: 'Rencana mulai',
    startHint: (zone) => `Boleh kosong. Waktu di halaman ini: ${zone}, sesuai pengaturan perangkat ini.`,
    startSaid: (when, zone) => `${when} di ${zone}`,
    past: 'Waktu ini sudah lewat. Kosongkan untuk mulai kapan saja Anda mau.',
    description: 'Keterangan',
    descriptionHint: 'Boleh kosong. Pendengar melihatnya sebelum dan selama acara.',
    descriptionLeft: (n) => `${formatNumber(n)} karakter lagi`,
    people: 'Orang',
    peopleHint: 'Boleh kosong. Nama yang akan berbicara, dipisah koma.',
    picture: 'Gambar',
    pictureHint: 'Boleh kosong. PNG, JPEG, atau WebP, paling besar 512 KB. Terlihat sampai acara mulai.',
    pictureTooLarge: 'Berkas ini lebih dari 512 KB. Ruang dibuat tanpa gambar.',
    language: 'Bahasa acara',
    languageUnsaid: 'Tidak disebut',
    preview: 'Tampilan tautannya nanti',
    previewAlt: 'Kartu berisi judul, orang, dan waktu',
    previewScript:
      'Kartu tidak dapat ditulis dalam aksara ini, jadi tanpa judul. Judulnya tetap ada di samping kartu.',
    byItself: 'Mulai dengan sendirinya, tepat pada detiknya',
    byItselfHint:
      'Pendengar mendengar “Kami segera mulai” dalam bahasa Inggris sampai ada yang berbicara. Jika tidak dipilih, pemandu yang memulai. Pemandu dapat mengubahnya.',
    arrivals: 'Pendatang baru menunggu di balik panggung',
    arrivalsHint:
      'Yang bergabung setelah mulai terdengar di panggung, dan oleh pendengar setelah pemandu membuatnya mengudara. Pemandu dapat mengubahnya.',
    recording: 'Rekaman',
    record: 'Rekam',
    recordHint:
      'Dapat diputar kembali setelah selesai, di halaman yang sama. Pembicara dimintai persetujuan.',
    forget: 'Jangan rekam',
    forgetHint: 'Beberapa menit disimpan selama mengudara, sesudahnya tidak ada sama sekali.',
    announce: 'Umumkan: keterangan, orang, gambar',
    stageRules: 'Aturan panggung',
    button: 'Buat ruang',
    making: 'Sedang dibuat…',
  },

  edit: {
    title: (space) => `Ubah “${space}”`,
    dropPicture: 'Hapus gambarnya',
    dropPictureHint: 'Sekarang ada gambar. Pilih yang lain di atas, atau tanpa gambar.',
    save: 'Simpan',
    saving: 'Sedang disimpan…',
    cancel: 'Biarkan seperti semula',
  },

  links: {
    title: (space) => `Tautan untuk “${space}”`,
    once: 'Tiga yang pertama hanya terlihat sekarang. Salin sebelum menutup ini; yang hilang dapat dibuat baru di bawah.',
    host: 'Tautan pemandu',
    hostFor:
      'Untuk yang memimpin: memulai dan mengakhiri ruang, membisukan, mengeluarkan. Jaga kerahasiaannya.',
    cohost: 'Tautan rekan pemandu',
    cohostFor:
      'Untuk yang memimpin bersama pemandu. Ruang beralih kepada mereka bila sambungan pemandu terputus. Jaga kerahasiaannya.',
    speaker: 'Undangan pembicara',
    speakerFor:
      'Untuk semua yang akan berbicara. Siapa pun yang memegangnya dapat mengambil kursi di panggung.',
    listen: 'Tautan untuk mendengarkan',
    listenFor: 'Untuk semua orang. Sebarkan sesuka Anda.',
    copy: 'Salin',
    copied: 'Tersalin',
    close: 'Sudah saya salin',
    renewedHost: 'Tautan pemandu yang lama tidak berlaku lagi.',
    renewedCohost:
      'Tautan rekan pemandu yang lama tidak berlaku lagi. Rekan pemandu yang sudah di panggung tetap di sana.',
    renewedSpeaker: 'Undangan yang lama tidak berlaku lagi. Yang sudah di panggung tetap di sana.',
    openHost: 'Buka sebagai pemandu',
  },

  list: {
    live: 'Mengudara',
    upcoming: 'Akan datang',
    recent: 'Selesai',
    empty: 'Belum ada ruang. Beri judul untuk yang pertama, lalu buatlah.',
    phase: { scheduled: 'Direncanakan', lobby: 'Menunggu mulai', live: 'Mengudara', ended: 'Selesai' },
    planned: (when) => when,
    unplanned: 'tanpa rencana waktu',
    since: (when) => `sejak ${when}`,
    wasOn: (from, duration) => `${from}, ${duration}`,
    neverOn: 'tidak pernah mengudara',
    listeners: (n) => `${formatNumber(n)} pendengar`,
    recorded: 'Direkam',
    replay: 'Siaran ulang',
    withheld: 'Ditahan',
    withhold: 'Tahan rekaman',
    show: 'Perdengarkan rekaman',
    listen: 'Halaman pendengar',
    edit: 'Ubah',
    newHost: 'Tautan pemandu baru',
    newCohost: 'Tautan rekan pemandu baru',
    newSpeaker: 'Undangan baru',
    end: 'Akhiri',
    remove: 'Hapus',
  },
  confirm: {
    cancel: 'Batal',
    host: {
      title: 'Buat tautan pemandu baru?',
      body: 'Yang lama langsung tidak berlaku. Pemandu yang sudah di panggung tetap memegang kursinya.',
      confirm: 'Buat yang baru',
    },
    cohost: {
      title: 'Buat tautan rekan pemandu baru?',
      body: 'Yang lama langsung tidak berlaku. Rekan pemandu yang sudah di panggung tetap memegang kursinya.',
      confirm: 'Buat yang baru',
    },
    speaker: {
      title: 'Buat undangan baru?',
      body: 'Yang lama langsung tidak berlaku. Pembicara yang sudah di panggung tetap memegang kursinya.',
      confirm: 'Buat yang baru',
    },
    end: {
      title: 'Akhiri ruang ini?',
      body: 'Pendengar diberi tahu bahwa acara selesai, dan semua orang turun dari panggung. Ini tidak dapat dibatalkan.',
      confirm: 'Akhiri untuk semua',
    },
    withhold: {
      title: 'Tahan rekaman ini?',
      body: 'Tidak ada yang dapat mendengarkannya, dan yang sedang mendengarkan akan terhenti. Rekaman tetap disimpan; Anda dapat memperdengarkannya lagi.',
      confirm: 'Tahan',
    },
    remove: {
      title: 'Hapus ruang ini?',
      body: 'Rekamannya ikut terhapus. Ini tidak dapat dibatalkan.',
      confirm: 'Hapus',
    },
  },
  failed: 'Server tidak menjawab. Coba lagi.',
  close: 'Tutup',
}

/** Of the operator page: how the server is now. */
export const now: Translation<typeof nowWords> = {
  title: 'Sekarang',
  asOf: (time) => `Per ${time}`,
  loading: 'Sebentar…',
  stale: (time) => `Server tidak menjawab. Beginilah keadaannya pada ${time}.`,
  deaf: 'Control tidak mendengar apa pun dari panggung dan edge. Yang tertera di sini adalah yang terakhir diketahuinya.',
  well: 'Tidak ada alarm.',
  more: 'Angka, ruang, panggung, dan edge',
  since: (time) => `sejak ${time}`,
  alarms: {
    'nothing-heard': {
      title: 'Tidak terdengar apa pun',
      says: () =>
        'Control tidak mendengar panggung maupun edge: proses log mati, atau semuanya mati. Hal lain tidak dapat dinilai sampai itu pulih.',
      mend: 'Lihat apa kata supervisor tentang “log”, dan apakah folder data dapat ditulisi.',
    },
    'stage-down': {
      title: 'Panggung mati',
      says: (subject) => `${subject} tidak terdengar. Ruang-ruangnya diteruskan panggung lain, bila ada.`,
      mend: 'Ia dijalankan lagi dengan sendirinya. Jika tidak kembali, cari namanya di log; “mimbar doctor” memeriksa portanya.',
    },
    'standby-missing': {
      title: 'Cadangan tidak ada',
      says: (subject) =>
        `Jika ${subject} mati sekarang, semuanya hening: tidak ada panggung lain yang dapat mengambil alih.`,
      mend: 'Cari nama panggung lain di log, dan jangan sentuh yang ini sampai salah satunya kembali.',
    },
    'edge-lost': {
      title: 'Edge hilang',
      says: (subject) =>
        `${subject} tidak terdengar. Pendengarnya ada di edge lain, yang tempatnya lebih sedikit.`,
      mend: 'Ia dijalankan lagi dengan sendirinya. Jika tidak kembali, cari namanya di log.',
    },
    disk: {
      title: 'Disk hampir penuh',
      says: (_subject, share) =>
        `${share} disk tempat folder data terpakai. Bila penuh, semua rekaman berhenti.`,
      mend: 'Hapus ruang selesai yang tidak diperlukan lagi, atau perbesar disknya.',
    },
    capacity: {
      title: 'Kapasitas hampir habis',
      says: (_subject, share) =>
        `${share} dari yang sanggup dilayani server ini terpakai. Bila habis, yang datang menunggu dalam antrean.`,
      mend: 'Tambahkan yang kurang: prosesor, memori, deskriptor, atau --egress-bps-max yang lebih tinggi bila salurannya masih kuat.',
    },
    problems: {
      title: 'Pendengar melaporkan masalah',
      says: (subject, share) =>
        `Di “${subject}”, laporan sepuluh menit terakhir setara dengan ${share} pendengar.`,
      mend: 'Dengarkan sendiri. Halaman operator menyebut jenis gangguannya.',
    },
  },

  charts: {
    ago: '10 mnt lalu',
    now: 'kini',
    listeners: 'Pendengar',
    waiting: (n) => `${formatNumber(n)} orang menunggu dalam antrean`,
    lateness: 'Keterlambatan panggung',
    capacity: 'Kapasitas terpakai',
    room: (used, max) => `${used} dari ${max}`,
    egress: 'Dikirim ke pendengar',
    unknown: 'tidak diketahui',
    describe: (chart, current, lowest, highest) =>
      `${chart}: sekarang ${current}; dalam sepuluh menit terakhir antara ${lowest} dan ${highest}.`,
    nothing: (chart) => `${chart}: belum ada yang diketahui.`,
  },

  spaces: {
    title: 'Mengudara dan di lobi',
    none: 'Tidak ada yang mengudara, dan tidak ada lobi yang buka.',
    more: (n) => `${formatNumber(n)} ruang lain dengan pendengar lebih sedikit`,
    space: 'Ruang',
    sound: 'Terdengar',
    lobby: 'lobi',
    voices: 'suara orang',
    slate: 'bunyi jeda',
    opening: 'bunyi pembuka',
    held: 'ditahan',
    nobody: 'hening: tanpa panggung',
    listeners: 'Pendengar',
    turnedAway: (n) => `${n} ditolak`,
    problems: 'Masalah yang dilaporkan',
    noProblems: 'tidak ada',
    kinds: {
      'no-sound': (n) => `tanpa suara ${n}`,
      interrupted: (n) => `terputus-putus ${n}`,
      late: (n) => `terlambat ${n}`,
      heard: (n) => `mutu suara ${n}`,
    },
    late: 'Terlambat',
    stage: 'Panggung',
    people: 'Orang di panggung',
    onAir: (n) => `${n} mengudara`,
    backstage: (n) => `${n} di balik panggung`,
    away: (n) => `${n} terputus`,
    since: 'Mengudara selama',
    notYet: 'belum',
  },

  presence: { starting: 'mulai', up: 'jalan', left: 'dihentikan', lost: 'mati' },
  silentSince: (time) => `sejak ${time}`,
  cpu: 'Prosesor',
  memory: 'Memori',
  state: 'Keadaan',

  stages: {
    title: 'Panggung',
    stage: 'Panggung',
    onAir: 'mengudara',
    standingBy: 'bersiaga',
    spaces: 'Ruang',
    lateness: 'Keterlambatan',
    tooLate: 'terlalu lambat untuk yang lain',
    standby: 'Cadangan',
    hasStandby: 'ada',
    alone: 'tidak ada',
    aloneByChoice: 'tidak disediakan',
  },

  edges: {
    title: 'Edge',
    edge: 'Edge',
    listeners: 'Pendengar',
    capacity: 'Kapasitas',
    flush: 'Menulis tiap',
    egress: 'Mengirim',
    turnedAway: 'Ditolak',
  },

  disk: (used, free) => `Disk: ${used} terpakai, ${free} kosong.`,
  diskUnknown: 'Disk: tidak diketahui.',

  webhook: {
    none: 'Alarm tampil di sini dan di log. Dengan --alarm-webhook alarm juga dikirim kepada Anda.',
    to: (host) => `Alarm dikirim ke ${host}.`,
    unsigned: 'Tanpa tanda tangan.',
    delivered: (time) => `Terakhir sampai pada ${time}.`,
    failing: (problem) => `Percobaan terakhir gagal. Kata server: “${problem}”`,
    lost: (n) => `${formatNumber(n)} pesan tidak sampai.`,
    test: 'Kirim alarm uji',
    testing: 'Sedang mengirim…',
    tested: 'Alarm uji sudah sampai.',
  },
}

/** What stands in the pages' templates, and what the doors write into them, under the English. */
export const phrases: Readonly<Record<string, string>> = {
  Language: 'Bahasa',

  // What a link shows, in a message or in a list of results.
  'Live audio: who is on air now, and what comes next.':
    'Audio langsung: siapa yang sedang mengudara, dan apa yang berikutnya.',
  'Live now. Listen in your browser, no account needed.':
    'Sedang langsung. Dengarkan di peramban Anda, tanpa akun.',
  'Live audio, soon. Listen in your browser, no account needed.':
    'Audio langsung, segera. Dengarkan di peramban Anda, tanpa akun.',
  'Listen to the replay in your browser.': 'Dengarkan siaran ulangnya di peramban Anda.',
  'This live audio space has ended.': 'Ruang audio langsung ini sudah berakhir.',
  About: 'Tentang',
  'With {{people}}': 'Bersama {{people}}',
  'In {{language}}': 'Dalam bahasa {{language}}',
  'Add to calendar': 'Tambahkan ke kalender',
  'What a listener is here, when counting begins and stops, and how anyone can check it.':
    'Siapa yang disebut pendengar di sini, kapan mulai dan berhenti dihitung, dan bagaimana siapa pun dapat memeriksanya.',
  'Mimbar · operator': 'Mimbar · operator',
  'Make spaces and their links.': 'Buat ruang dan tautannya.',
  'Come onto the stage of this space.': 'Naiklah ke panggung ruang ini.',

  // Instead of a page.
  'There is no such space': 'Ruang ini tidak ada',
  'There is nothing here': 'Tidak ada apa-apa di sini',
  'The link may be mistyped, or what it led to was removed.':
    'Mungkin tautannya salah ketik, atau isinya sudah dihapus.',
  'Not right now': 'Tidak sekarang',
  'This server is busy or starting. Please try again.':
    'Server ini sedang sibuk atau baru dijalankan. Silakan coba lagi.',
  'There is no space at this address. Check the link, or ask who sent it.':
    'Tidak ada ruang di alamat ini. Periksa tautannya, atau tanyakan kepada pengirimnya.',
  'All spaces': 'Semua ruang',

  // Home.
  'Start a space': 'Buat ruang',
  'A few people talk. Anyone can listen.': 'Beberapa orang berbicara. Siapa pun dapat mendengarkan.',
  'Mimbar carries a live conversation from a small stage to as many ears as come: open a link, tap once, and hear it about a second after it is said.':
    'Mimbar membawa percakapan langsung dari panggung kecil ke telinga sebanyak yang datang: buka tautan, ketuk sekali, dan dengarkan sekitar satu detik setelah diucapkan.',
  'The list of spaces needs JavaScript; the link to a space works without.':
    'Daftar ruang memerlukan JavaScript; tautan ke sebuah ruang dapat dipakai tanpanya.',
  'On air now': 'Sedang mengudara',
  'Coming up': 'Akan datang',
  'To hear again': 'Dengarkan lagi',
  'Nobody is on air right now.': 'Saat ini belum ada yang mengudara.',
  'To hear something at once, start Mimbar with <1>npm start -- --demo</1>: two voices hold a conversation in the space <2>demo</2>.':
    'Untuk langsung mendengar sesuatu, jalankan Mimbar dengan <1>npm start -- --demo</1>: dua suara bercakap-cakap di ruang <2>demo</2>.',

  // The listening page.
  Share: 'Bagikan',
  'On stage': 'Di panggung',
  Player: 'Pemutar',
  Speak: 'Berbicara',
  'Quiet music while you wait': 'Musik lembut selama menunggu',
  'Back 15 seconds': 'Mundur 15 detik',
  '−15 s': '−15 dtk',
  'Forward 15 seconds': 'Maju 15 detik',
  '+15 s': '+15 dtk',
  'This page plays with JavaScript. Without it, these links play the same sound:':
    'Halaman ini memutar dengan JavaScript. Tanpanya, tautan berikut memutar suara yang sama:',
  'Listen (Ogg)': 'Dengarkan (Ogg)',
  'Recording (Ogg)': 'Rekaman (Ogg)',
  'It will be recorded.': 'Percakapan ini akan direkam.',
  'It will not be recorded.': 'Percakapan ini tidak akan direkam.',
  'This conversation is being recorded.': 'Percakapan ini sedang direkam.',
  'This conversation is not recorded.': 'Percakapan ini tidak direkam.',
  'This conversation was recorded.': 'Percakapan ini telah direkam.',
  'This conversation was not recorded.': 'Percakapan ini tidak direkam.',
  'It was recorded, and the recording cannot be heard here.':
    'Percakapan ini direkam, tetapi rekamannya tidak dapat didengarkan di sini.',
  'Other ways to listen': 'Cara lain mendengarkan',
  'In VLC, mpv or a radio app: <1>Ogg stream</1>. In any HLS player: <2>playlist</2>.':
    'Di VLC, mpv, atau aplikasi radio: <1>siaran Ogg</1>. Di pemutar HLS apa pun: <2>daftar putar</2>.',
  'Use less data': 'Hemat data',

  // The studio's pages, without JavaScript.
  'The stage needs JavaScript: it is how your microphone reaches the others.':
    'Panggung memerlukan JavaScript: lewat itulah mikrofon Anda sampai ke yang lain.',
  'This page needs JavaScript. Everything on it can also be done over the API.':
    'Halaman ini memerlukan JavaScript. Semua yang ada di sini juga dapat dilakukan lewat API.',

  // How we count.
  'How we count': 'Cara kami menghitung',
  'A number of listeners is a claim about people. Here is what ours means, how far it can be wrong, and how you can check it.':
    'Jumlah pendengar adalah pernyataan tentang manusia. Inilah arti angka kami, seberapa jauh bisa meleset, dan bagaimana Anda dapat memeriksanya.',
  'A listener': 'Pendengar',
  'A listener is a connection that we are delivering sound to, right now. Not a page view, not a click, not somebody who came earlier.':
    'Pendengar adalah sambungan yang saat ini sedang kami kirimi suara. Bukan kunjungan halaman, bukan klik, bukan orang yang tadi sempat datang.',
  'What happens': 'Yang terjadi',
  'It stops counting': 'Berhenti dihitung',
  'The player stops, or the page is closed': 'Pemutar berhenti, atau halaman ditutup',
  'at once': 'seketika',
  'The network is gone without a word, as in a tunnel': 'Jaringan hilang tanpa kabar, misalnya di terowongan',
  '3 to 6 seconds later (measured: 2.9 to 3.9); on a very slow network, or with tens of thousands of connections on one server, up to 10':
    '3 sampai 6 detik kemudian (terukur: 2,9 sampai 3,9); di jaringan yang sangat lambat, atau dengan puluhan ribu sambungan di satu server, sampai 10',
  'The player takes nothing any more': 'Pemutar tidak menerima apa-apa lagi',
  'once its connection has been full for 3 seconds': 'begitu sambungannya penuh selama 3 detik',
  'A player of HLS, which asks piece by piece, stops asking':
    'Pemutar HLS, yang meminta sepotong demi sepotong, berhenti meminta',
  '10 seconds after its last request': '10 detik setelah permintaan terakhirnya',
  'One of our servers dies': 'Salah satu server kami mati',
  '3 seconds later; who comes back sooner is counted twice until then':
    '3 detik kemudian; yang kembali lebih cepat terhitung dua kali sampai saat itu',
  'A player of HLS counts from the first piece of sound that it fetches, or from its second look at the playlist. Two of them behind one address that call themselves the same browser count as one.':
    'Pemutar HLS dihitung sejak potongan suara pertama yang diambilnya, atau sejak kedua kalinya membaca daftar putar. Dua pemutar di balik satu alamat yang mengaku peramban yang sama dihitung satu.',
  'Who never counts': 'Yang tidak pernah dihitung',
  'Who waits in the waiting room, or has the page open without listening.':
    'Yang menunggu di ruang tunggu, atau membuka halaman tanpa mendengarkan.',
  'Link previews, and programs that only look whether we are there.':
    'Pratinjau tautan, dan program yang hanya melihat apakah kami ada.',
  'Synthetic listeners of a rehearsal: they show a token, and are counted apart.':
    'Pendengar buatan dalam gladi: mereka menunjukkan tanda, dan dihitung terpisah.',
  'People on stage.': 'Orang-orang di panggung.',
  'Who hears the recording, even while the program is on. They have a number of their own.':
    'Yang mendengarkan rekaman, juga selagi acara berlangsung. Mereka punya angka sendiri.',
  'The other numbers': 'Angka-angka lain',
  'Most at once': 'Terbanyak sekaligus',
  'The highest number of listeners in any recorded second of the program.':
    'Jumlah pendengar tertinggi dalam satu detik mana pun dari acara yang tercatat.',
  'Different devices': 'Perangkat berbeda',
  'How many different devices have listened so far. It is an estimate, with a standard error of 1.6 %: two times in three it is nearer than that to the exact count of what we can tell apart, and 19 times in 20 nearer than 3.3 %. What we can tell apart is an address with a browser’s name. A household or an office behind one address with the same browser is one device; a phone that goes from the Wi-Fi to the mobile network is two. After a restart of the whole server it stays where it was until it is passed again. It is never added to listeners or compared with them.':
    'Berapa perangkat berbeda yang sejauh ini mendengarkan. Ini perkiraan dengan galat baku 1,6 %: dua dari tiga kali, selisihnya dari hitungan tepat atas apa yang dapat kami bedakan lebih kecil dari itu, dan 19 dari 20 kali lebih kecil dari 3,3 %. Yang dapat kami bedakan adalah alamat beserta nama peramban. Rumah tangga atau kantor di balik satu alamat dengan peramban yang sama adalah satu perangkat; ponsel yang berpindah dari Wi-Fi ke jaringan seluler adalah dua. Setelah seluruh server dijalankan ulang, angkanya tetap sampai terlampaui lagi. Angka ini tidak pernah dijumlahkan atau dibandingkan dengan pendengar.',
  'Turned away': 'Tidak mendapat tempat',
  'Came when we had no room, and had not got in half a minute later. Who got in through another of our processes in that time is still in this number.':
    'Datang saat kami penuh, dan setengah menit kemudian belum juga masuk. Yang dalam waktu itu masuk lewat proses kami yang lain tetap termasuk dalam angka ini.',
  'Gave up, could not play': 'Pergi, atau tidak dapat memutar',
  'Left before hearing anything; found no way to play. Pages tell us so themselves, so what we are not told is missing, and it could be invented. It never changes another number.':
    'Pergi sebelum mendengar apa pun; tidak menemukan cara memutar. Halaman sendiri yang melaporkannya kepada kami, jadi yang tidak dilaporkan tidak ada di sini, dan laporan bisa saja dikarang. Angka ini tidak pernah mengubah angka lain.',
  Reported: 'Dilaporkan',
  'What somebody else says they serve, such as a content delivery network. It stands in a column of its own, with their name, and is never added to ours.':
    'Yang menurut pihak lain mereka layani, misalnya jaringan pengantar konten. Angkanya berdiri di kolom sendiri, dengan nama mereka, dan tidak pernah dijumlahkan dengan angka kami.',
  'Check it': 'Periksalah',
  'Once a second the numbers are written into the recording itself, beside the sound of that second. A replay shows them again.':
    'Sekali sedetik, angka-angka itu ditulis ke dalam rekaman itu sendiri, di samping suara detik tersebut. Siaran ulang menunjukkannya kembali.',
  'The same numbers are a table for everyone: <1>/api/v1/spaces/<2>name</2>/audience.csv</1>, where the name is the last word of the space’s address. Each line is one second. The column <3>edges</3> says how many listened through each of our servers; they add up to the column <4>current</4>. The columns of failures and of devices are totals since the space opened, and <5>peak</5> is the highest <6>current</6> of the program so far.':
    'Angka yang sama tersedia sebagai tabel untuk semua: <1>/api/v1/spaces/<2>nama</2>/audience.csv</1>, dengan nama berupa kata terakhir alamat ruang. Setiap baris adalah satu detik. Kolom <3>edges</3> menyebutkan berapa yang mendengarkan lewat masing-masing server kami; jumlahnya sama dengan kolom <4>current</4>. Kolom kegagalan dan perangkat adalah jumlah sejak ruang dibuka, dan <5>peak</5> adalah <6>current</6> tertinggi dari acara sejauh ini.',
  'Servers tell their numbers once a second and not in the same instant, so a line is up to a second old. When people come and go, that is the error of <1>current</1>; when they stay, there is none. A program that is not recorded keeps only its last three minutes.':
    'Server melaporkan angkanya sekali sedetik dan tidak pada saat yang persis sama, jadi sebuah baris bisa berumur sampai satu detik. Saat orang datang dan pergi, itulah galat <1>current</1>; saat mereka menetap, tidak ada galat. Acara yang tidak direkam hanya menyimpan tiga menit terakhirnya.',
  'What we keep of you': 'Yang kami simpan tentang Anda',
  'No address is stored. To recognise a device, we compute a number from its address and its browser’s name with a key that is made when the server starts and is never written down; of that number only the length of a run of zeros is remembered, in one of 4,096 fields that all listeners share. A report of a page carries no name and no identifier, and is only added up.':
    'Tidak ada alamat yang disimpan. Untuk mengenali perangkat, kami menghitung sebuah angka dari alamat dan nama perambannya dengan kunci yang dibuat saat server dijalankan dan tidak pernah dicatat; dari angka itu hanya panjang deret nol yang diingat, dalam salah satu dari 4.096 kotak yang dipakai bersama semua pendengar. Laporan halaman tidak membawa nama maupun pengenal, dan hanya dijumlahkan.',
  'What we cannot see: how many people sit round one loudspeaker, and whether whoever is connected is awake. And whoever opens a thousand connections is a thousand listeners, as far as our limits for one network let them.':
    'Yang tidak dapat kami lihat: berapa orang duduk mengelilingi satu pengeras suara, dan apakah yang tersambung sedang terjaga. Dan siapa yang membuka seribu sambungan adalah seribu pendengar, sejauh batas kami untuk satu jaringan mengizinkannya.',
}
