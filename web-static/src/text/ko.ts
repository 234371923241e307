// 한국어.  The shape of this table is the shape of every other one.

import type { Problem, TicketState, Delivery, Sync, Intake } from '../lib/types';
import type { Verb } from '../lib/command';

/** Before, bold, after. */
export type Marked = [string, string, string];

const number = (name: string) => (/^\d+$/.test(name) ? `${name}번` : name);

export const staff = {
  language: '한국어',
  units: {
    now: '방금',
    minutes: (count: string) => `${count}분`,
    hours: (hours: number, minutes: number) => `${hours}시간 ${minutes}분`,
    within: (minutes: number) => `${minutes}분 안`,
  },
  number,
  /** Empty: a sign says it. */
  peopleUnit: '명',
  peopleSign: '명',
  summary: (parties: number, people: number) => `${parties}팀 · ${people}명`,
  joinNow: '지금 오시면',
  calledCount: (count: number) => `${count}팀 호출 중`,
  deliveryFailed: '알림 실패',
  doneToday: (count: string) => `끝난 ${count}팀`,
  title: (tab: string, booth: string) => `${tab} · ${booth}`,

  tabs: { waiting: '대기', called: '호출', done: '완료' },
  tabList: '목록',
  states: {
    waiting: '대기',
    called: '호출',
    seated: '입장',
    no_show: '부재',
    cancelled: '취소',
  } satisfies Record<TicketState, string>,

  call: '호출',
  /** "Call 12", not "12 call". */
  verbFirst: false,
  nobodyWaits: '대기 없음',
  find: '찾기',
  add: '접수',
  close: '닫기',
  save: '저장',

  // rows
  held: '불렀다 돌아온 팀',
  timesCalled: (count: number) => `${count}번 부름`,
  byGuest: '손님',
  byTimer: '자동',
  byButton: '버튼',
  remote: '원격 접수',
  fromDay: (days: number, date: string) => (days === 1 ? `어제 ${date}` : date),
  ahead: (count: number) => (count === 0 ? '다음 차례' : `앞에 ${count}팀`),
  delivery: {
    pending: '알림 보내는 중',
    delivered: '알림 도착',
    failed: '알림 실패',
    phoned: '전화함',
  } satisfies Record<Delivery, string>,
  saving: {
    call: '호출 저장 중…',
    'call-next': '호출 저장 중…',
    seat: '입장 저장 중…',
    'no-show': '부재 저장 중…',
    cancel: '취소 저장 중…',
    requeue: '순서 저장 중…',
    phoned: '전화함 저장 중…',
    edit: '고친 내용 저장 중…',
    issue: '접수 저장 중…',
    undo: '되돌리는 중…',
    intake: '저장 중…',
    clock: '저장 중…',
  } satisfies Record<Verb, string>,

  // actions on a row
  seat: '입장',
  noShow: '부재',
  recall: '재호출',
  callAgain: '다시 호출',
  postpone: '미루기',
  bringBack: '대기로',
  cancel: '취소',
  edit: '고치기',
  phoned: '전화함',
  undo: '되돌리기',
  undoOf: (name: string) => `${number(name)} 되돌리기`,
  phone: (digits: string) => `전화 ${digits}`,

  // undo bar
  verbs: {
    call: '호출',
    'call-next': '호출',
    seat: '입장',
    'no-show': '부재',
    cancel: '취소',
    requeue: '옮기기',
    phoned: '전화함',
    edit: '고치기',
    issue: '접수',
    undo: '되돌리기',
    intake: '접수',
    clock: '시각',
  } satisfies Record<Verb, string>,
  did: {
    call: '호출함',
    'call-next': '호출함',
    seat: '입장',
    'no-show': '부재',
    cancel: '취소함',
    requeue: '순서 바꿈',
    phoned: '전화함',
    edit: '고침',
    issue: '접수함',
    undo: '되돌림',
    intake: '접수 바꿈',
    clock: '시각 맞춤',
  } satisfies Record<Verb, string>,
  withTicket: (name: string, what: string): Marked => ['', number(name), ` ${what}`],
  savingNow: ' 저장 중…',
  keptHere: ', 이 폰에 저장함',
  show: (name: string) => `${number(name)} 보기`,

  // somebody was first
  already: {
    waiting: '다시 대기 중',
    called: '이미 호출됨',
    seated: '이미 입장',
    no_show: '이미 부재',
    cancelled: '이미 취소됨',
  } satisfies Record<TicketState, string>,
  who: (by: string, seconds: number | null) => (seconds === null ? by : `${by} ${ago(seconds)}`),
  otherDevice: '다른 기기',
  calledOnce: (name: string) => `${name}번은 한 번만 불렀어요.`,
  otherFirst: (name: string) => `이제 ${name}번이 먼저예요. 다시 눌러 주세요.`,
  changedMeanwhile: (name: string) => `${name}번이 그새 바뀌었어요. 보고 다시 눌러 주세요.`,

  // sheets
  addTitle: '새 손님, 몇 명이에요?',
  addMore: '9명 이상',
  partySize: '인원',
  fewer: '한 명 적게',
  oneMore: '한 명 많게',
  plus: (what: string) => `＋ ${what}`,
  name: '이름',
  phoneNumber: '전화',
  note: '메모',
  line: '줄',
  addThem: '접수하기',
  editTitle: (name: string) => `${number(name)} 고치기`,
  moveTitle: (name: string) => `${number(name)}, 어디로 옮길까요?`,
  backTitle: (name: string) => `${number(name)}, 대기 어디에 넣을까요?`,
  toFront: '맨 앞',
  toBack: '맨 뒤',
  toKeep: '원래 자리',
  after: (count: number) => `${count}팀 뒤`,
  afterFirst: (count: number) => (count === 0 ? '맨 앞' : `앞에 ${count}팀`),
  allLines: (count: number) => `전체 ${count}`,
  lineCount: (name: string, count: number) => `${name} ${count}`,
  lines: '줄 고르기',

  // intake
  intake: { open: '접수 중', paused: '일시정지', closed: '접수 마감' } satisfies Record<Intake['state'], string>,
  intakeTitle: '접수',
  pauseFor: (minutes: number, first: boolean) => (first ? `${minutes}분 정지` : `${minutes}분`),
  pause: '계속 정지',
  closeIntake: '마감',
  openNow: '지금 열기',
  tenMore: '10분 더',
  pausedNote: '새 접수를 멈췄어요.',
  resumesIn: (minutes: number, time: string) => (minutes < 1 ? '곧 열려요.' : `${minutes}분 뒤(${time}) 열려요.`),
  resumesByHand: '열 때까지 멈춰 있어요.',
  closedNote: '접수를 마감했어요.',
  closedHint: '남은 팀은 그대로 부르면 돼요.',

  // the path and this device
  pathTitle: '연결과 이 폰',
  device: '폰',
  booth: '부스',
  hub: '허브',
  linked: { live: '연결됨', connecting: '잇는 중', lost: '끊김' },
  sync: { ok: '연결됨', pending: '보내는 중', stuck: '막힘', off: '쓰지 않음' } satisfies Record<Sync['state'], string>,
  unknown: '알 수 없음',
  path: (from: string, to: string, state: string) => `${from}–${to}: ${state}`,
  pendingCount: (count: number) => `${count}건 남음`,
  lastOk: (time: string) => `마지막 성공 ${time}`,
  signedInAs: (device: string) => `이 폰: ${device}`,
  signOut: '로그아웃',
  look: '화면',
  dark: '어둡게',
  light: '밝게',
  languageTitle: 'Language',
  openBoard: '전광판 열기',

  // signing in
  welcome: '직원용 화면이에요',
  pin: 'PIN',
  pinHint: '부스 라벨에 적힌 숫자',
  deviceName: '이 폰의 이름',
  deviceHint: '누가 불렀는지 보여요',
  signIn: '시작',
  signingIn: '여는 중…',
  wrongPin: 'PIN이 달라요. 라벨을 보고 다시 넣어 주세요.',
  tooManyTries: (seconds: number) => `여러 번 틀렸어요. ${seconds}초 뒤에 다시 해 주세요.`,
  boothSilent: '부스에 닿지 않아요. 부스 Wi-Fi에 붙어 있는지 봐 주세요.',
  signedOut: '로그인이 끝났어요. PIN을 다시 넣어 주세요.',

  // empty lists
  empty: {
    waiting: { number: '1', title: '기다리는 팀이 없어요.', hint: ['아래 접수를 누르고', '인원을 고르면 나와요.'] },
    called: { number: '–', title: '부른 팀이 없어요.', hint: ['아래 호출을 누르면', '여기로 와요.'] },
    done: { number: '–', title: '아직 끝난 팀이 없어요.', hint: ['입장, 부재, 취소한 팀이', '여기에 남아요.'] },
  },
  firstNumber: '첫 번호예요.',
  searchHint: ['번호, 이름,', '전화 끝자리로 찾아요.'],
  found: (text: string, count: number) => `“${text}” ${count}건`,
  foundNone: '없어요. 다른 번호나 이름으로 찾아보세요.',
  loading: '목록을 가져오는 중…',

  // notes above the list
  lostTitle: '부스와 끊겼어요. 그대로 쓰세요.',
  lostKept: (count: number) =>
    count === 0 ? '다시 이어지면 바로 새 목록을 보여 드려요.' : `다시 이어지면 ${count}건을 순서대로 보내요.`,
  restoredTitle: '저장 장치를 복구했어요.',
  restoredHint: '마지막 몇 분이 빠졌을 수 있어요. 부른 번호를 확인해 주세요.',
  storageTitle: '부스가 저장하지 못하고 있어요.',
  storageHint: '누른 것은 폰이 들고 있다가 저장되는 대로 보내요.',
  clockTitle: '부스 시계가 맞는지 몰라요.',
  clockHint: '날짜와 시각이 틀릴 수 있어요. 순서는 괜찮아요.',
  clockSet: '이 폰 시각 쓰기',
  understood: '확인',

  problems: {
    wrong_state: '지금은 할 수 없어요. 목록을 보고 다시 눌러 주세요.',
    nothing_waiting: '기다리는 팀이 없어요.',
    nothing_to_undo: '더 되돌릴 수 없어요. 행을 눌러 직접 바꿔 주세요.',
    intake_closed: '접수가 닫혀 있어요. 위에서 접수를 열어 주세요.',
    queue_full: '대기가 가득 찼어요. 먼저 몇 팀을 불러 주세요.',
    other_booth: '다른 부스이거나 복구된 부스예요. 이 명령은 보내지 않았어요.',
    not_found: '그 번호가 더는 없어요.',
    forbidden: '이 폰으로는 할 수 없어요. 관리자에게 말해 주세요.',
    invalid_field: '적은 내용을 받을 수 없어요. 짧게 고쳐 주세요.',
    stale_version: '그새 바뀌었어요. 보고 다시 눌러 주세요.',
    key_reused: '저장되지 않았어요. 다시 눌러 주세요.',
  } satisfies Partial<Record<Problem['code'], string>>,
  problemElse: '저장되지 않았어요. 다시 눌러 주세요.',
};

function ago(seconds: number): string {
  if (seconds < 1) return '방금';
  return seconds < 60 ? `${seconds}초 전` : `${Math.floor(seconds / 60)}분 전`;
}

export const board = {
  title: (booth: string) => `부르는 번호 · ${booth}`,
  unit: '번',
  parties: '팀',
  minutes: '분',
  within: (minutes: number): [string, string] => [String(minutes), '분 안'],
  nowCalling: '지금 호출',
  comeNow: '부스 앞으로 와 주세요',
  expected: '이 번호도 불렀어요',
  recent: '최근 입장',
  missed: '부재',
  askAtBooth: '부스에 말씀해 주세요',
  waiting: '대기',
  joinNow: '지금 오시면',
  estimate: '예상 대기',
  intake: { open: '접수 중', paused: '잠시 멈춤', closed: '접수 마감' } satisfies Record<Intake['state'], string>,
  closedThanks: '오늘도 고마워요',
  closedBig: '접수 마감',
  closedSay: '받은 번호는 그대로 불러 드려요',
  soonTop: '어서 오세요',
  soonBig: '곧 불러요',
  soonSay: '번호가 여기에 크게 나와요',
  lost: '연결 끊김, 다시 잇는 중',
  connecting: '부스에 잇는 중',
  sound: '소리 켜기',
};

export type StaffText = typeof staff;
export type BoardText = typeof board;
